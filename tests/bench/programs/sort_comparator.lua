-- sort_comparator.lua - table.sort with a Lua comparator
local seed = 7
local function random(n) seed = (seed * 16807) % 2147483647 return seed % n end
local check = 0
for round = 1, 15 do
  local t = {}
  for i = 1, 14000 do t[i] = { score = random(100000), id = i } end
  table.sort(t, function(a, b)
    if a.score ~= b.score then return a.score > b.score end
    return a.id < b.id
  end)
  check = (check * 31 + t[1].id + t[7000].id + t[14000].id) % 1000003
end
print(check)
