-- keys: list
-- args: 2 3
-- seed: RPUSH list a b c d e f g h
local page, size = tonumber(ARGV[1]), tonumber(ARGV[2])
local total = redis.call('LLEN', KEYS[1])
local first = (page - 1) * size
return { redis.call('LRANGE', KEYS[1], first, first + size - 1), total, math.ceil(total / size) }
