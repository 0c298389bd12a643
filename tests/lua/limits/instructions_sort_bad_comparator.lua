-- limit: instructions=1m
-- expect code: LIMIT_INSTRUCTIONS
local t = {}
for i = 1, 5000 do t[i] = i % 3 end
while true do pcall(table.sort, t, function(a, b) return a >= b or true end) end
