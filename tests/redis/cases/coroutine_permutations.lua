local out = {}
local function permgen(a, n) if n <= 1 then coroutine.yield(table.concat(a)) else for i = 1, n do a[n], a[i] = a[i], a[n] permgen(a, n - 1) a[n], a[i] = a[i], a[n] end end end
for p in coroutine.wrap(function() permgen({ 'a', 'b', 'c', 'd' }, 4) end) do out[#out + 1] = p end
return out
