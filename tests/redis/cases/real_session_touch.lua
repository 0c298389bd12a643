-- keys: sess:1
-- args: user=ada role=admin hits
-- seed: HSET sess:1 hits 4
for i = 1, #ARGV do
  local k, v = ARGV[i]:match('^(%w+)=(.*)$')
  if k then redis.call('HSET', KEYS[1], k, v) else redis.call('HINCRBY', KEYS[1], ARGV[i], 1) end
end
redis.call('EXPIRE', KEYS[1], 1800)
local flat, t = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #flat, 2 do t[flat[i]] = flat[i + 1] end
return cjson.encode(t)
