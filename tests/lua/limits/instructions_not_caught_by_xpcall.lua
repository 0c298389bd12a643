-- limit: instructions=100000
-- expect code: LIMIT_INSTRUCTIONS
xpcall(function() while true do end end, function() return 'survived' end)
return 'survived'
