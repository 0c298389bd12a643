local function gen(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end
local function filter(p, g) return coroutine.wrap(function() while true do local n = g() if n == nil then return nil end if n % p ~= 0 then coroutine.yield(n) end end end) end
local out = {}
local x = coroutine.wrap(function() for i = 2, 100 do coroutine.yield(i) end end)
while true do local n = x() if n == nil then break end out[#out + 1] = n x = filter(n, x) end
return out
