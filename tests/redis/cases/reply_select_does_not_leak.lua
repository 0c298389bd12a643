-- runs: 2
local before = redis.call('INCR', 'here')
redis.call('SELECT', 3)
local there = redis.call('INCR', 'there')
redis.call('SELECT', 0)
return { before, there, redis.call('EXISTS', 'there') }
