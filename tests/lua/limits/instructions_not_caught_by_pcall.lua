-- limit: instructions=100000
-- expect code: LIMIT_INSTRUCTIONS
while true do pcall(function() while true do end end) end
