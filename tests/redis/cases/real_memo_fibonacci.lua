local memo = setmetatable({}, { __mode = 'k' })
local cache = {}
local function fib(n) if n < 2 then return n end if cache[n] then return cache[n] end local v = fib(n - 1) + fib(n - 2) cache[n] = v return v end
return { fib(10), fib(50), tostring(fib(78)), fib(90) }
