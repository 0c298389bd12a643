-- limit: instructions=50000
-- expect code: LIMIT_INSTRUCTIONS
repeat until false
