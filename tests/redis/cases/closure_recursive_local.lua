local function fact(n) return n <= 1 and 1 or n * fact(n - 1) end
local fib
fib = function(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
return { fact(10), fib(20) }
