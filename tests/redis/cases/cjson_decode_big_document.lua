local parts = {}
for i = 1, 500 do parts[i] = ('{"id":%d,"name":"user %d","score":%.2f,"ok":%s}'):format(i, i, i * 1.25, i % 2 == 0 and 'true' or 'false') end
local t = cjson.decode('[' .. table.concat(parts, ',') .. ']')
local sum = 0
for _, u in ipairs(t) do sum = sum + u.score end
return { #t, t[500].name, tostring(sum), tostring(t[7].ok), redis.sha1hex(cjson.encode(t)) }
