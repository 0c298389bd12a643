-- sort_records.lua - records ordered by one field, by two, downwards and stably by decorated keys
local function run()
  local seed, records = 5, {}
  for i = 1, 1200 do
    seed = (seed * 16807) % 2147483647
    records[i] = { name = 'n' .. seed % 300, age = seed % 80, at = i }
  end
  local function by(...)
    local fields = { ... }
    return function(a, b)
      for i = 1, #fields do
        local f = fields[i]
        if a[f] ~= b[f] then return a[f] < b[f] end
      end
      return false
    end
  end
  local sum = 0
  for round = 1, 4 do
    local list = {}
    for i = 1, #records do list[i] = records[i] end
    table.sort(list, by('age', 'name', 'at'))
    sum = sum + list[1].at + list[600].at
    table.sort(list, function(a, b) return a.at > b.at end)
    sum = sum + list[1].at
    table.sort(list, by('name', 'at'))
    sum = sum + list[1200].at
  end
  print(sum)
end
for _ = 1, 9 do run() end
