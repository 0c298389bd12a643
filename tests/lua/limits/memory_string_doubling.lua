-- limit: memory=4m
-- expect code: LIMIT_MEMORY
local s = 'x'
while true do s = s .. s end
