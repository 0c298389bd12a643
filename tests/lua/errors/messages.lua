print(pcall(function() local a; a.b = 1 end))                -- expect: false	errors/messages.lua:1: attempt to index local 'a' (a nil value)
print(pcall(function() local a = {}; a.b.c = 1 end))         -- expect: false	errors/messages.lua:2: attempt to index field 'b' (a nil value)
print(pcall(function() local a = {}; return a.b.c.d end))    -- expect: false	errors/messages.lua:3: attempt to index field 'b' (a nil value)
print(pcall(function() return undefinedglobal.x end))        -- expect: false	errors/messages.lua:4: attempt to index global 'undefinedglobal' (a nil value)
print(pcall(function() undefinedglobal() end))               -- expect: false	errors/messages.lua:5: attempt to call global 'undefinedglobal' (a nil value)
print(pcall(function() local f = 5; f() end))                -- expect: false	errors/messages.lua:6: attempt to call local 'f' (a number value)
print(pcall(function() local t = {}; t.x.y() end))           -- expect: false	errors/messages.lua:7: attempt to index field 'x' (a nil value)
print(pcall(function() local t = {}; t:m() end))             -- expect: false	errors/messages.lua:8: attempt to call method 'm' (a nil value)
print(pcall(function() return 'a' + 1 end))                  -- expect: false	errors/messages.lua:9: attempt to perform arithmetic on a string value
print(pcall(function() return 'a' .. {} end))                -- expect: false	errors/messages.lua:10: attempt to concatenate a table value
print(pcall(function() local n; return 'a' .. n end))        -- expect: false	errors/messages.lua:11: attempt to concatenate local 'n' (a nil value)
print(pcall(function() return #5 end))                       -- expect: false	errors/messages.lua:12: attempt to get length of a number value
print(pcall(function() return -{} end))                      -- expect: false	errors/messages.lua:13: attempt to perform arithmetic on a table value
print(pcall(function() return 1 < {} end))                   -- expect: false	errors/messages.lua:14: attempt to compare number with table
print(pcall(function() return ('x').y.z end))                -- expect: false	errors/messages.lua:15: attempt to index field 'y' (a nil value)
print(pcall(string.rep, {}))                                 -- expect: false	bad argument #1 to '?' (string expected, got table)
print(pcall(setmetatable, {}, 5))                            -- expect: false	bad argument #2 to '?' (nil or table expected)
print(pcall(ipairs))                                         -- expect: false	bad argument #1 to '?' (table expected, got no value)
print(pcall(error))                                          -- expect: false	nil
print(pcall(error, nil))                                     -- expect: false	nil
print(pcall(error, 'plain', 0))                              -- expect: false	plain
print(pcall(error, { 1 }) == false)                          -- expect: true
print(select(2, pcall(error, setmetatable({}, { __tostring = function() return 'E' end })))) -- expect: E
print(pcall(assert, false))                                  -- expect: false	assertion failed!
print(pcall(assert, nil, 'msg'))                             -- expect: false	msg
print(pcall(assert, 1, 2))                                   -- expect: true	1	2
print(pcall(assert))                                         -- expect: false	bad argument #1 to '?' (value expected)
print(pcall(unpack))                                         -- expect: false	bad argument #1 to '?' (table expected, got no value)
print(pcall(loadstring('return = 1') or function() error('not compiled', 0) end)) -- expect: false	not compiled
print(loadstring('return = 1', '=src'))                      -- expect: nil	src:1: unexpected symbol near '='
print(loadstring('x = "abc', '=src'))                        -- expect: nil	src:1: unfinished string near '<eof>'
print(loadstring('for i = 1 do end', '=src'))                -- expect: nil	src:1: ',' expected near 'do'
