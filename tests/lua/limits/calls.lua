-- limit: calls=10
-- expect code: LIMIT_CALLS
for i = 1, 11 do redis.call('PING') end
return 'survived'
