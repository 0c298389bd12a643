-- limit: log_bytes=100
-- expect code: LIMIT_LOG_BYTES
for i = 1, 20 do pcall(redis.log, redis.LOG_WARNING, 'twenty bytes of text') end
return 'survived'
