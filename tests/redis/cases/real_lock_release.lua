-- keys: lock
-- args: token-1
-- seed: SET lock token-1 PX 100000
-- runs: 2
if redis.call('get', KEYS[1]) == ARGV[1] then
  return redis.call('del', KEYS[1])
else
  return 0
end
