-- limit: instructions=1m
-- expect code: LIMIT_INSTRUCTIONS
local s = string.rep('x', 10000)
while true do local t = s .. 'y' .. s .. 'z' .. s end
