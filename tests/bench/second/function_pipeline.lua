-- function_pipeline.lua - compose, curry, partial application and tail calls of small functions
local function run()
  local function compose(...)
    local list = { ... }
    local n = #list
    return function(x)
      for i = n, 1, -1 do x = list[i](x) end
      return x
    end
  end
  local function curry(f, a) return function(b) return f(a, b) end end
  local function partial(f, ...)
    local bound, n = { ... }, select('#', ...)
    return function(x)
      bound[n + 1] = x
      return f(unpack(bound, 1, n + 1))
    end
  end
  local function add(a, b) return a + b end
  local function mul(a, b) return a * b end
  local function clamp(low, high, x) if x < low then return low elseif x > high then return high end return x end
  local function count_down(n, sum) if n == 0 then return sum end return count_down(n - 1, sum + n) end
  local pipeline = compose(curry(add, 1), curry(mul, 2), partial(clamp, 10, 1000))
  local sum = 0
  for i = 1, 60000 do sum = sum + pipeline(i) end
  for i = 1, 3000 do sum = sum + count_down(i % 50 + 20, 0) + curry(add, i)(2) end
  print(sum)
end
for _ = 1, 8 do run() end
