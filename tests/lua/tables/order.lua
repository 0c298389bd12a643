-- the order of pairs is the order of stock Lua 5.1 (and of Redis)
local function keys(t) local o = {} for k in pairs(t) do o[#o + 1] = tostring(k) end return table.concat(o, ' ') end
print(keys{ a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8 }) -- expect: a h c b e d g f
print(keys{ 1, 2, 3, x = 1, y = 2 })                         -- expect: 1 2 3 y x
print(keys{ [1] = 1, [2] = 2, [3] = 3, [4] = 4 })            -- expect: 1 2 4 3
print(keys{ [10] = 1, [20] = 2, [30] = 3 })                  -- expect: 30 10 20
print(keys{ [1.5] = 1, [-1] = 2, [0] = 3, [1e100] = 4 })     -- expect: 0 1e+100 1.5 -1
print(keys{ name = 1, age = 2, id = 3, email = 4, active = 5 }) -- expect: name active id age email
local t = {}
for i = 1, 20 do t['k' .. i] = i end
print(keys(t))                                               -- expect: k16 k19 k11 k17 k15 k20 k10 k8 k1 k12 k3 k2 k9 k13 k18 k14 k6 k7 k4 k5
t = {}
for i = 1, 6 do t[i * 1000] = i end
print(keys(t))                                               -- expect: 5000 2000 6000 1000 4000 3000
t = {}
for i = 20, 1, -1 do t[i] = i end
print(keys(t))                                               -- expect: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20
t = { a = 1, b = 2, c = 3 }
t.b = nil t.d = 4 t.e = 5
print(keys(t))                                               -- expect: a d c e
t = {}
for i = 1, 10 do t[2 ^ i] = i end
print(keys(t))                                               -- expect: 2 4 8 16 32 64 128 256 512 1024
t = {}
for i = 1, 10 do t[i] = i t['s' .. i] = i end
for i = 1, 10, 2 do t[i] = nil t['s' .. i] = nil end
print(keys(t))                                               -- expect: 2 4 6 8 10 s6 s4 s8 s10 s2
for i = 11, 16 do t['n' .. i] = i end
print(keys(t))                                               -- expect: 2 4 6 8 10 n12 s6 n16 s4 n14 n11 n13 s8 s10 n15 s2
local seen = {}
for k, v in pairs(t) do if type(k) == 'number' then t[k] = nil else seen[#seen + 1] = k end end
print(#seen, keys(t))                                        -- expect: 11	n12 s6 n16 s4 n14 n11 n13 s8 s10 n15 s2
