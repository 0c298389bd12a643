-- closures.lua - creation of closures, upvalues shared and own
local function counter(step)
  local n = 0
  return function() n = n + step return n end, function() return n end
end
local function compose(f, g) return function(x) return f(g(x)) end end
local sum = 0
for i = 1, 500000 do
  local up, read = counter(i % 5)
  up() up()
  sum = sum + read()
end
local f = function(x) return x + 1 end
for _ = 1, 6 do f = compose(f, f) end
for i = 1, 24000 do sum = sum + f(i) end
local function fold(list, acc, fn) for i = 1, #list do acc = fn(acc, list[i]) end return acc end
local list = {}
for i = 1, 200 do list[i] = i end
for k = 1, 10000 do sum = sum + fold(list, 0, function(x, y) return (x + y * k) % 10007 end) end
print(sum)
