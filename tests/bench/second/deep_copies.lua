-- deep_copies.lua - nested tables copied, compared and merged by recursive functions
local function run()
  local function copy(value)
    if type(value) ~= 'table' then return value end
    local result = {}
    for k, v in pairs(value) do result[copy(k)] = copy(v) end
    return result
  end
  local function same(a, b)
    if type(a) ~= type(b) then return false end
    if type(a) ~= 'table' then return a == b end
    for k, v in pairs(a) do if not same(v, b[k]) then return false end end
    for k in pairs(b) do if a[k] == nil then return false end end
    return true
  end
  local function merge(into, from)
    for k, v in pairs(from) do
      if type(v) == 'table' and type(into[k]) == 'table' then merge(into[k], v) else into[k] = v end
    end
    return into
  end
  local settings = { name = 'x', limits = { cpu = 1, memory = { soft = 10, hard = 20 } }, list = { 1, 2, 3, { 4, 5 } }, flags = { a = true, b = false } }
  local n = 0
  for i = 1, 6000 do
    local mine = copy(settings)
    mine.limits.memory.soft = i
    if not same(mine, settings) then n = n + 1 end
    merge(mine, { limits = { memory = { hard = i * 2 } }, list = { 9 } })
    n = n + mine.limits.memory.hard + mine.list[1] + mine.list[2]
  end
  print(n)
end
for _ = 1, 4 do run() end
