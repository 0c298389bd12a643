-- limit: wall=200ms
-- expect code: LIMIT_WALL
local s = string.rep('a', 200000)
while true do s:find('.-.-.-b') end
