-- limit: instructions=1m
-- expect code: LIMIT_INSTRUCTIONS
local s = string.rep('x', 100000)
while true do redis.sha1hex(s) end
