-- integer_sets.lua - unions, intersections and differences of sets kept as keys, counted with pairs and next
local function run()
  local function set(from, to, step)
    local s = {}
    for i = from, to, step do s[i] = true end
    return s
  end
  local function union(a, b)
    local s = {}
    for k in pairs(a) do s[k] = true end
    for k in pairs(b) do s[k] = true end
    return s
  end
  local function both(a, b)
    local s = {}
    for k in pairs(a) do if b[k] then s[k] = true end end
    return s
  end
  local function without(a, b)
    local s = {}
    for k in next, a do if not b[k] then s[k] = true end end
    return s
  end
  local function size(s) local n = 0 for _ in pairs(s) do n = n + 1 end return n end
  local n = 0
  for round = 1, 40 do
    local a, b, c = set(1, 900, 2), set(1, 900, 3), set(100, 1000, 7)
    n = n + size(union(a, b)) + size(both(a, c)) + size(without(b, c))
    if next(without(a, a)) == nil then n = n + 1 end
  end
  print(n)
end
for _ = 1, 15 do run() end
