-- redis-only
-- Redis hashes every byte of a string, stock Lua skips some from 32 bytes on
local function order(t) local o = {} for k, v in pairs(t) do o[#o + 1] = v end return table.concat(o, ' ') end
local t = {}
for i = 1, 20 do t[('p'):rep(40) .. i] = i end
print(order(t))                                              -- expect: 13 5 2 7 16 20 15 10 12 11 14 9 19 18 6 3 1 17 4 8
t = {}
for n = 30, 50 do t[('x'):rep(n)] = n end
print(order(t))                                              -- expect: 38 30 34 37 33 48 35 31 43 44 45 50 41 49 47 46 42 40 39 36 32
t = {}
for i = 1, 16 do t[('a'):rep(i) .. 'B' .. ('a'):rep(64 - i)] = i end
print(order(t))                                              -- expect: 15 16 10 11 1 14 13 3 8 4 9 7 12 5 2 6
t = {}
for i = 1, 12 do t[('%064d'):format(i * 7919)] = i end
print(order(t))                                              -- expect: 8 3 10 9 4 2 7 5 12 11 6 1
t = {}
for i = 1, 12 do t[('user:%d:'):format(i) .. ('/segment'):rep(20)] = i end
for i = 1, 12, 2 do t[('user:%d:'):format(i) .. ('/segment'):rep(20)] = nil end
print(order(t))                                              -- expect: 4 12 10 6 2 8
for i = 13, 20 do t['short' .. i] = i end
print(order(t))                                              -- expect: 18 15 4 20 14 12 17 19 16 10 13 6 2 8
