-- runs: 2
redis.call('SELECT', 5)
return { redis.call('INCR', 'five'), redis.call('DBSIZE') }
