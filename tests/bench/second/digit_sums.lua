-- digit_sums.lua - integer loops with modulo and floor: digit sums, perfect numbers, gcd, leap years
local function run()
  local floor = math.floor
  local function digit_sum(n)
    local s = 0
    while n > 0 do
      s = s + n % 10
      n = floor(n / 10)
    end
    return s
  end
  local function gcd(a, b) while b ~= 0 do a, b = b, a % b end return a end
  local sum = 0
  for i = 1, 60000 do sum = sum + digit_sum(i) end
  for n = 2, 500 do
    local s = 1
    for d = 2, n / 2 do if n % d == 0 then s = s + d end end
    if s == n then sum = sum + n end
  end
  for i = 1, 30000 do sum = sum + gcd(i * 12, 360360) end
  for y = 1, 100000 do if y % 4 == 0 and (y % 100 ~= 0 or y % 400 == 0) then sum = sum + 1 end end
  print(sum)
end
for _ = 1, 8 do run() end
