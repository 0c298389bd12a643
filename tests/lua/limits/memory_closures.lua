-- limit: memory=512k
-- expect code: LIMIT_MEMORY
local list = {}
for i = 1, 1e9 do list[#list + 1] = function() return i end end
