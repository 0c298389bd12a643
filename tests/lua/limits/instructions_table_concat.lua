-- limit: instructions=2m
-- expect code: LIMIT_INSTRUCTIONS
local t = {}
for i = 1, 1000 do t[i] = 'piece' .. i end
while true do local s = table.concat(t, ',') end
