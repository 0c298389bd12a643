-- upvalue_counters.lua - closures that share and change captured variables, made in loops
local function run()
  local function counter(start)
    local n, step = start, 1
    return function() n = n + step return n end, function(s) step = s end, function() return n end
  end
  local function accumulator()
    local sum, count, low, high = 0, 0, math.huge, -math.huge
    return {
      add = function(v)
        sum, count = sum + v, count + 1
        if v < low then low = v end
        if v > high then high = v end
      end,
      mean = function() return sum / count end,
      range = function() return high - low end,
    }
  end
  local total = 0
  for i = 1, 4000 do
    local next_value, set_step, get = counter(i)
    for k = 1, 10 do next_value() end
    set_step(3)
    next_value()
    total = total + get()
    local a = accumulator()
    for k = 1, 15 do a.add(k * i % 17) end
    total = total + a.mean() + a.range()
  end
  local list = {}
  for i = 1, 200 do list[i] = function(x) total = total + x * i end end
  for round = 1, 200 do for i = 1, #list do list[i](round % 3) end end
  print(('%.4f'):format(total))
end
for _ = 1, 16 do run() end
