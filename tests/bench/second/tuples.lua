-- tuples.lua - functions that return and take several values: swaps, min and max, divmod, vectors
local function run()
  local function divmod(a, b) return (a - a % b) / b, a % b end
  local function bounds(list)
    local low, high, sum = list[1], list[1], 0
    for i = 1, #list do
      local v = list[i]
      if v < low then low = v end
      if v > high then high = v end
      sum = sum + v
    end
    return low, high, sum / #list
  end
  local function cross(ax, ay, az, bx, by, bz) return ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx end
  local function scale(k, x, y, z) return k * x, k * y, k * z end
  local sum, a, b, c = 0, 1, 2, 3
  for i = 1, 120000 do
    local q, r = divmod(i, 7)
    a, b, c = b, c, a
    local x, y, z = cross(a, b, c, scale(2, q % 5, r, 1))
    sum = sum + x - y + z
    if i % 10 == 0 then
      local low, high, mean = bounds({ q, r, a, b, c, i % 100 })
      sum = sum + low + high + mean
    end
  end
  print(('%.3f'):format(sum))
end
for _ = 1, 8 do run() end
