-- seed: HSET h a 1
redis.setresp(3)
local three = redis.call('HGETALL', 'h')
redis.setresp(2)
local two = redis.call('HGETALL', 'h')
return { type(three.map), type(two.map), #two }
