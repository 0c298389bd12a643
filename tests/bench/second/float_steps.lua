-- float_steps.lua - numeric for with fractional steps, downwards and upwards
local function run()
  local sum, n = 0, 0
  for i = 1, 60 do
    for x = 0, 1, 0.0005 do sum = sum + x n = n + 1 end
    for x = 10, -10, -0.0125 do sum = sum + x * x n = n + 1 end
    for x = 1, 2, 0.001 do sum = sum - x / 2 n = n + 1 end
  end
  print(('%.6f'):format(sum), n)
end
for _ = 1, 47 do run() end
