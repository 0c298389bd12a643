-- keys: rate:u1
-- args: 3 60
-- runs: 5
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
if n > tonumber(ARGV[1]) then return { 0, 0, redis.call('TTL', KEYS[1]) > 0 and 'ttl' or 'none' } end
return { 1, tonumber(ARGV[1]) - n }
