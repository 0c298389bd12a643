-- keys: lock
-- args: other 5000
-- seed: SET lock token-1 PX 100000
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end
return redis.error_reply('NOTOWNER held by ' .. redis.call('get', KEYS[1]))
