local src = {}
for i = 1, 300 do src[i] = i end
local t = loadstring('return {' .. table.concat(src, ',') .. ', n = 300, ' .. table.concat(src, ',') .. '}')()
return { #t, t[1], t[50], t[51], t[300], t[301], t[600], t.n }
