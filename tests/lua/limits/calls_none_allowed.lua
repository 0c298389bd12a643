-- limit: calls=0
-- expect code: LIMIT_CALLS
pcall(redis.call, 'PING')
return 'survived'
