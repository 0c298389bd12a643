-- limit: memory=4m
-- expect code: LIMIT_MEMORY
local piece = string.rep('y', 100000)
local t = {}
for i = 1, 1000 do t[i] = piece end
return #table.concat(t)
