-- keys: acc:1 acc:2
-- args: 30
-- seed: SET acc:1 100; SET acc:2 50
-- runs: 4
local amount = tonumber(ARGV[1])
local balance = tonumber(redis.call('GET', KEYS[1]))
if balance < amount then return redis.error_reply('INSUFFICIENT balance ' .. balance) end
redis.call('DECRBY', KEYS[1], amount)
redis.call('INCRBY', KEYS[2], amount)
return { redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2]) }
