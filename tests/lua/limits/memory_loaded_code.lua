-- limit: memory=1m
-- expect code: LIMIT_MEMORY
local kept = {}
for i = 1, 1e9 do kept[i] = loadstring('local a = ' .. i .. ' return function() return a + ' .. i .. ' end') end
