-- limit: instructions=100000
-- expect code: LIMIT_INSTRUCTIONS
local co = coroutine.create(function() while true do end end)
coroutine.resume(co)
return 'survived'
