-- limit: memory=1m
-- expect code: LIMIT_MEMORY
local list = {}
while true do
  local co = coroutine.wrap(function() coroutine.yield() end)
  co()
  list[#list + 1] = co
end
