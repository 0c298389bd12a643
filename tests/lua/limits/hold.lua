-- limit: hold=50ms
-- expect code: LIMIT_HOLD
redis.call('SET', 'k', 'v')
while true do end
