-- limit: instructions=1m
-- expect code: LIMIT_INSTRUCTIONS
local source = string.rep('local a = 1 ', 150)
while true do loadstring(source) end
