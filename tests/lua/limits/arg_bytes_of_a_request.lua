-- limit: arg_bytes=1000
-- expect code: LIMIT_ARG_BYTES
redis.pcall('SET', 'k', string.rep('x', 2000))
return 'survived'
