-- field_records.lua - arrays of records filtered, grouped, mapped and reduced by closures
local function run()
  local people, seed = {}, 3
  for i = 1, 2000 do
    seed = (seed * 16807) % 2147483647
    people[i] = { id = i, age = seed % 90, city = 'c' .. seed % 20, score = seed % 1000 / 10 }
  end
  local function filter(list, keep)
    local out = {}
    for i = 1, #list do if keep(list[i]) then out[#out + 1] = list[i] end end
    return out
  end
  local function map(list, f)
    local out = {}
    for i = 1, #list do out[i] = f(list[i]) end
    return out
  end
  local function reduce(list, f, value)
    for i = 1, #list do value = f(value, list[i]) end
    return value
  end
  local function group(list, key)
    local out = {}
    for _, v in ipairs(list) do
      local k = v[key]
      out[k] = out[k] or {}
      table.insert(out[k], v)
    end
    return out
  end
  local total = 0
  for round = 1, 25 do
    local adults = filter(people, function(p) return p.age >= 18 and p.age < 18 + round * 3 end)
    total = total + reduce(map(adults, function(p) return p.score * 2 end), function(a, b) return a + b end, 0)
    for _, list in pairs(group(adults, 'city')) do total = total + #list end
  end
  print(('%.1f'):format(total))
end
for _ = 1, 14 do run() end
