-- limit: memory=512k
-- expect code: LIMIT_MEMORY
local t = {}
for i = 1, 1e9 do t['k' .. i] = true end
