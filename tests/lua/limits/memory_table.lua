-- limit: memory=2m
-- expect code: LIMIT_MEMORY
local t = {}
for i = 1, 1e9 do t[i] = i end
