-- digests.lua - (needs cjson) sha1hex of short and long texts, and a checksum in bit operations
local sum = 0
for i = 1, 100000 do sum = sum + redis.sha1hex('key:' .. i):byte(1) end
local long = ('0123456789abcdef'):rep(65536)
for _ = 1, 15 do sum = sum + redis.sha1hex(long):byte(1) end
print(sum)
