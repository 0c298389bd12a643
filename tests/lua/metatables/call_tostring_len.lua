local t = setmetatable({}, { __call = function(self, ...) return select('#', ...), ... end })
print(t())                                                   -- expect: 0
print(t(1, nil))                                             -- expect: 2	1	nil
print(pcall(t, 'a'))                                         -- expect: true	1	a
local cc = setmetatable({}, { __call = t })
print(pcall(cc, 'x'))                                        -- expect: false	attempt to call a table value
print(tostring(setmetatable({}, { __tostring = function() return 'named' end }))) -- expect: named
print(type(select(2, pcall(tostring, setmetatable({}, { __tostring = function() return {} end }))))) -- expect: table
print(#setmetatable({ 1, 2 }, { __len = function() return 42 end })) -- expect: 2
print(setmetatable({ 1 }, nil)[1], getmetatable({}))         -- expect: 1	nil
print(pcall(setmetatable, 5, {}))                            -- expect: false	bad argument #1 to '?' (table expected, got number)
print(pcall(setmetatable, {}))                               -- expect: false	bad argument #2 to '?' (nil or table expected)
local mt = {}
local o = setmetatable({}, mt)
mt.__add = function() return 'late' end
print(o + 1)                                                 -- expect: late
mt.__add = nil
print(pcall(function() return o + 1 end))                    -- expect: false	metatables/call_tostring_len.lua:18: attempt to perform arithmetic on upvalue 'o' (a table value)
mt.__index = function(_, k) return k end
print(o.anything, o[1], o[true])                             -- expect: anything	1	true
mt.__unm = function(a, b) return rawequal(a, b) end
print(-o)                                                    -- expect: true
local eq1 = setmetatable({}, { __eq = function() return true end })
local eq2 = setmetatable({}, { __eq = function() return true end })
print(eq1 == eq2)                                            -- expect: false
local lt = { __lt = function(a, b) return a.v < b.v end }
local x, y = setmetatable({ v = 1 }, lt), setmetatable({ v = 2 }, lt)
print(x <= y, y <= x, x >= y)                                -- expect: true	false	false
