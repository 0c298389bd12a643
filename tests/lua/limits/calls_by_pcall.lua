-- limit: calls=10
-- expect code: LIMIT_CALLS
while true do redis.pcall('NOPE') end
