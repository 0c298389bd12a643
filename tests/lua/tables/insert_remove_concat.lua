local t = {}
table.insert(t, 'a') table.insert(t, 'c') table.insert(t, 2, 'b') table.insert(t, 1, 'z')
print(table.concat(t, ','), #t)                              -- expect: z,a,b,c	4
print(table.remove(t), table.remove(t, 1), table.concat(t, ',')) -- expect: c	z	a,b
print(table.remove({}), #t)                                  -- expect: nil	2
print(table.concat({}), table.concat({ 1 }), table.concat({ 1, 2, 3 }, ', ', 2, 3), table.concat({ 1, 2 }, '-', 3)) -- expect: 	1	2, 3	
print(pcall(table.concat, { 1, {}, 3 }))                     -- expect: false	invalid value (table) at index 2 in table for 'concat'
print(pcall(table.insert, {}))                               -- expect: false	wrong number of arguments to 'insert'
print(pcall(table.insert, {}, 1, 2, 3))                      -- expect: false	wrong number of arguments to 'insert'
print(pcall(table.insert, nil, 1))                           -- expect: false	bad argument #1 to '?' (table expected, got nil)
t = {}
for i = 1, 100 do table.insert(t, 1, i) end
print(t[1], t[100], #t)                                      -- expect: 100	1	100
for i = 1, 50 do table.remove(t, 1) end
print(t[1], #t)                                              -- expect: 50	50
print(table.maxn({ 1, 2, [7] = 3 }), table.maxn({}), table.getn({ 1, 2 })) -- expect: 7	0	2
local s = {}
table.foreach({ x = 1 }, function(k, v) s[#s + 1] = k .. v end)
table.foreachi({ 'p', 'q' }, function(i, v) s[#s + 1] = i .. v end)
print(table.concat(s, ' '))                                  -- expect: x1 1p 2q
print(unpack({ 1, 2, 3 }), unpack({ 1, 2, 3 }, 2), (unpack({ 9, 8 }))) -- expect: 1	2	9
print(select('#', unpack({}, 1, 3)), select('#', unpack({ n = 3 }))) -- expect: 3	0
