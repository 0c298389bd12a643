-- limit: instructions=50000
-- expect code: LIMIT_INSTRUCTIONS
for i = 1, math.huge do end
