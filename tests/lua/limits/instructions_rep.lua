-- limit: instructions=1m
-- expect code: LIMIT_INSTRUCTIONS
while true do local s = string.rep('x', 1000000) end
