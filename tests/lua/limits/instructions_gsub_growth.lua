-- limit: instructions=1m
-- expect code: LIMIT_INSTRUCTIONS
local s = 'x'
while true do s = s:gsub('x', 'xx', 2000) if #s > 100000 then s = 'x' end end
