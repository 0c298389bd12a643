local sum = 0
local list = {}
for i = 1, 2000 do list[i] = coroutine.wrap(function(a) while true do a = coroutine.yield(a + i) end end) end
for round = 1, 3 do for i = 1, 2000 do sum = sum + list[i](round) end end
return sum
