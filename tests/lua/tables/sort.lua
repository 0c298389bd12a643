local function s(t, f) table.sort(t, f) return table.concat(t, ' ') end
print(s{ 3, 1, 2 })                                          -- expect: 1 2 3
print(s{ 5, 2, 8, 1, 9, 3, 7, 4, 6, 0 })                     -- expect: 0 1 2 3 4 5 6 7 8 9
print(s({ 1, 2, 3 }, function(a, b) return a > b end))       -- expect: 3 2 1
print(s{ 'b', 'a', 'C', '' })                                -- expect:  C a b
print(s{})                                                   -- expect:
print(s{ 1 })                                                -- expect: 1
print(s{ 2, 1, 2, 1, 2 })                                    -- expect: 1 1 2 2 2
local t = {}
for i = 1, 500 do t[i] = (i * 7919) % 503 end
table.sort(t)
local ok = true
for i = 2, 500 do ok = ok and t[i - 1] <= t[i] end
print(ok, t[1], t[500])                                      -- expect: true	1	502
print(pcall(table.sort, { 1, 'x' }))                         -- expect: false	attempt to compare string with number
print(pcall(table.sort, { {}, {} }))                         -- expect: false	attempt to compare two table values
print(pcall(table.sort, { 3, 1, 2 }, function() error('cmp', 0) end)) -- expect: false	cmp
local n = 0
local asc = {}
for i = 1, 100 do asc[i] = i end
table.sort(asc, function(a, b) n = n + 1 return a < b end)
print(n)                                                     -- expect: 578
n = 0
local desc = {}
for i = 1, 100 do desc[i] = 101 - i end
table.sort(desc, function(a, b) n = n + 1 return a < b end)
print(n)                                                     -- expect: 710
local recs = {}
for i = 1, 5 do recs[i] = { k = 1, id = i } end
table.sort(recs, function(a, b) return a.k < b.k end)
print(recs[1].id, recs[2].id, recs[3].id, recs[4].id, recs[5].id) -- expect: 1	4	3	2	5
print(s({ 'pear', 'fig', 'apple' }, function(a, b) return #a < #b end)) -- expect: fig pear apple
-- Strings and numbers outside the array part.
local hashed = {[5] = 'e', [4] = 'c', [3] = 'd', [2] = 'b', [1] = 'a'}
table.sort(hashed)
print(table.concat(hashed))                            -- expect: abcde
