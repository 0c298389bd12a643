-- limit: host_time=5ms
-- expect code: LIMIT_HOST_TIME
while true do redis.call('SET', 'k', 'v') end
