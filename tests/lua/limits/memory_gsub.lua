-- limit: memory=4m
-- expect code: LIMIT_MEMORY
local s = string.rep('x', 1000)
for i = 1, 10 do s = s:gsub('x', string.rep('x', 50)) end
