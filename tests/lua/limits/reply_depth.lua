-- limit: reply_depth=5
-- expect code: LIMIT_REPLY_DEPTH
return { { { { { { 'six' } } } } } }
