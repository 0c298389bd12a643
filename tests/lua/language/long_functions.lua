-- more than 255 constants and many registers
local t = {}
local src = {}
for i = 1, 600 do src[i] = 'x[' .. i .. '] = "k' .. i .. '" .. ' .. i end
local f = loadstring('local x = {} ' .. table.concat(src, ' ') .. ' return x')
local x = f()
print(#x, x[1], x[256], x[257], x[600])                      -- expect: 600	k11	k256256	k257257	k600600
src = {}
for i = 1, 199 do src[i] = 'local v' .. i .. ' = ' .. i end
print(loadstring(table.concat(src, ' ') .. ' return v1 + v199')()) -- expect: 200
src = {}
for i = 1, 300 do src[i] = 'a.f' .. i .. ' = ' .. i end
local g = loadstring('local a = {} ' .. table.concat(src, ' ') .. ' return a.f1 + a.f255 + a.f256 + a.f300')
print(g())                                                   -- expect: 812
src = {}
for i = 1, 1000 do src[i] = 'if n == ' .. i .. ' then return ' .. i * 2 .. ' end' end
print(loadstring('local n = ... ' .. table.concat(src, ' '))(777)) -- expect: 1554
print(loadstring('return ' .. ('1 + '):rep(500) .. '1')())   -- expect: 501
print(#loadstring('return ' .. ('"ab" .. '):rep(150) .. '"c"')()) -- expect: 301
print(loadstring('local n = 0 for i = 1, 10 do ' .. ('n = n + 1 '):rep(3000) .. 'end return n')()) -- expect: 30000
