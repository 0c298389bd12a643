local o = { n = 1 }
function o:add(k) self.n = self.n + k return self end
function o.plain(k) return k end
print(o:add(2):add(3).n)                                     -- expect: 6
print(o.plain(7), o['plain'](8))                             -- expect: 7	8
o.sub = { deep = {} }
function o.sub.deep:who() return self == o.sub.deep end
print(o.sub.deep:who())                                      -- expect: true
print(('x'):rep(3), ("abc"):len(), ([[q]]):upper())          -- expect: xxx	3	Q
local s = 'text'
print(s:sub(2, 3), #s:rep(2))                                -- expect: ex	8
local f = function(t) return t[1] end
print(f{ 5 }, f{ 'x', 'y' }, type'x')                        -- expect: 5	x	string
print(pcall(function() local u; u:m() end))                  -- expect: false	language/method_calls.lua:14: attempt to index local 'u' (a nil value)
print(pcall(function() return o:missing() end))              -- expect: false	language/method_calls.lua:15: attempt to call method 'missing' (a nil value)
print(pcall(function() return o.sub.nothing.more end))       -- expect: false	language/method_calls.lua:16: attempt to index field 'nothing' (a nil value)
