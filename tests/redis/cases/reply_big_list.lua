local args = {}
for i = 1, 5000 do args[i] = 'item-' .. i end
for i = 1, 5000, 500 do redis.call('RPUSH', 'l', unpack(args, i, i + 499)) end
local r = redis.call('LRANGE', 'l', 0, -1)
return { #r, r[1], r[2500], r[5000], #table.concat(r) }
