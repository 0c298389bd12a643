local parts = {}
for i = 1, 2000 do parts[#parts + 1] = i .. ',' end
local s = table.concat(parts)
local t = ''
for i = 1, 500 do t = t .. i .. ';' end
return { #s, redis.sha1hex(s), #t, redis.sha1hex(t), redis.sha1hex((s:gsub('%d', function(d) return d + 1 end))) }
