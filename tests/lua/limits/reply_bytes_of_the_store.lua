-- limit: reply_bytes=1000
-- expect code: LIMIT_REPLY_BYTES
for i = 1, 30 do redis.call('APPEND', 'k', string.rep('x', 100)) end
redis.pcall('GET', 'k')
return 'survived'
