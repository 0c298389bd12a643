-- keys: sem
-- args: 1700000000 30 2 holder
-- runs: 4
local now, ttl, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('zremrangebyscore', KEYS[1], '-inf', now - ttl)
local n = redis.call('zcard', KEYS[1])
if n < limit then redis.call('zadd', KEYS[1], now, ARGV[4] .. n) return n + 1 end
return false
