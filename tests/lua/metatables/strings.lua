-- The metatable of strings is an ordinary table to a program that has it.
local meta = getmetatable('')
print(meta.__index == string, ('abc'):len(), #'abc')         -- expect: true	3	3
local function size(s) return s:len() end
print(size('ab'))                                            -- expect: 2

-- Methods are found again when __index has moved to another place of the metatable.
for i = 1, 20 do meta['field' .. i] = i end
print(size('abcd'), ('x'):rep(3))                            -- expect: 4	xxx
meta.__index = nil
print(pcall(size, 'ab'))                                     -- expect: false	metatables/strings.lua:4: attempt to index local 's' (a string value)
meta.__index = function(s, name) return function() return name .. ' of ' .. s end end
print(size('ab'), ('cd').anything())                         -- expect: len of ab	anything of cd
meta.__index = {len = function() return 'mine' end}
print(size('ab'))                                            -- expect: mine
print(pcall(function() return ('ab'):rep(2) end))            -- expect: false	metatables/strings.lua:16: attempt to call method 'rep' (a nil value)
meta.__index = setmetatable({}, {__index = string})
print(size('abc'), ('z'):rep(2))                             -- expect: 3	zz
meta.__index = string

-- Events of strings.
meta.__add = function(a, b) return 'add' end
meta.__call = function(s, n) return s:sub(n, n) end
meta.__unm = function(s) return s:reverse() end
print('1' + 1, pcall(function() return 'a' + 1 end))         -- expect: 2	true	add
print(('abc')(2), -'abc', -'7')                              -- expect: b	cba	-7
meta.__add, meta.__call, meta.__unm = nil
