-- float_maths.lua - square roots, sines, powers and exponentials; Newton, Simpson, a pendulum
local function run()
  local sqrt, sin, cos, exp, log, abs, pi = math.sqrt, math.sin, math.cos, math.exp, math.log, math.abs, math.pi
  local function newton(x)
    local guess = x / 2 + 0.1
    for _ = 1, 12 do guess = (guess + x / guess) / 2 end
    return guess
  end
  local function simpson(f, a, b, n)
    local h, sum = (b - a) / n, f(a) + f(b)
    for i = 1, n - 1 do sum = sum + f(a + i * h) * (i % 2 == 0 and 2 or 4) end
    return sum * h / 3
  end
  local worst = 0
  for i = 1, 15000 do worst = math.max(worst, abs(newton(i) - sqrt(i))) end
  local area = 0
  for i = 1, 20 do area = area + simpson(function(x) return exp(-x * x) * cos(x * i) end, -3, 3, 1500) end
  local angle, speed = 1.2, 0
  for i = 1, 200000 do
    speed = speed - 9.81 * sin(angle) * 0.0005
    angle = angle + speed * 0.0005
  end
  print(worst < 1e-9, ('%.9f %.9f %.6f'):format(area, angle, log(2) ^ 3.5))
end
for _ = 1, 8 do run() end
