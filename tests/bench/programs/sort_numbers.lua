-- sort_numbers.lua - table.sort without comparator, numbers and strings
local seed = 7
local function random(n) seed = (seed * 16807) % 2147483647 return seed % n end
local check = 0
for round = 1, 15 do
  local t = {}
  for i = 1, 40000 do t[i] = random(1000000) end
  table.sort(t)
  check = check + t[1] + t[20000] + t[40000]
end
for round = 1, 7 do
  local t = {}
  for i = 1, 12000 do t[i] = 'key:' .. random(1000000) end
  table.sort(t)
  check = check + #t[1] + #t[6000] + #t[12000]
end
print(check)
