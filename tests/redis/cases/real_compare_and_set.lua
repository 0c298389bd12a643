-- keys: k
-- args: old new
-- seed: SET k old
-- runs: 2
local current = redis.call('GET', KEYS[1])
if current == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL') return redis.status_reply('SWAPPED') end
return redis.error_reply('CONFLICT value is ' .. (current or 'absent'))
