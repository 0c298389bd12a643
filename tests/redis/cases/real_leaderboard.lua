-- keys: board names
-- seed: ZADD board 50 u1 70 u2 60 u3 70 u4; HSET names u1 Ada u2 Bob u3 Cy u4 Di
-- args: u3 15
local score = redis.call('ZINCRBY', KEYS[1], ARGV[2], ARGV[1])
local rank = redis.call('ZREVRANK', KEYS[1], ARGV[1])
local top = redis.call('ZREVRANGE', KEYS[1], 0, 2, 'WITHSCORES')
local out = {}
for i = 1, #top, 2 do out[#out + 1] = string.format('%d. %s %s', (i + 1) / 2, redis.call('HGET', KEYS[2], top[i]), top[i + 1]) end
return { score, rank + 1, out }
