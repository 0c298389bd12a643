-- limit: reply_bytes=1000
-- expect code: LIMIT_REPLY_BYTES
return string.rep('x', 2000)
