local out = {}
for _, n in ipairs{ 54, 55, 56, 57, 63, 64, 65, 119, 120, 128 } do out[#out + 1] = redis.sha1hex(string.rep('x', n)) end
return out
