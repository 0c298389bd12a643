-- keys: q:delayed q:wait q:events
-- args: 1000 2
-- seed: ZADD q:delayed 500 j1 800 j2 900 j3 2000 j4
local due = redis.call('ZRANGEBYSCORE', KEYS[1], 0, ARGV[1], 'LIMIT', 0, ARGV[2])
if #due > 0 then
  redis.call('ZREM', KEYS[1], unpack(due))
  for _, id in ipairs(due) do redis.call('LPUSH', KEYS[2], id) redis.call('XADD', KEYS[3], '1-*', 'event', 'waiting', 'jobId', id) end
end
local nextJob = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return { due, nextJob[1], nextJob[2], redis.call('XLEN', KEYS[3]) }
