-- limit: instructions=100000
-- expect code: LIMIT_INSTRUCTIONS
xpcall(function() error('x') end, function() while true do end end)
return 'survived'
