-- compare_versions.lua - version strings taken apart and ordered by sort with a comparator
local function run()
  local versions, seed = {}, 7
  for i = 1, 1500 do
    seed = (seed * 16807) % 2147483647
    versions[i] = ('%d.%d.%d'):format(seed % 7, seed % 13, seed % 101)
  end
  local function parse(v)
    local a, b, c = v:match('^(%d+)%.(%d+)%.(%d+)$')
    return tonumber(a), tonumber(b), tonumber(c)
  end
  local function older(x, y)
    local a1, b1, c1 = parse(x)
    local a2, b2, c2 = parse(y)
    if a1 ~= a2 then return a1 < a2 end
    if b1 ~= b2 then return b1 < b2 end
    return c1 < c2
  end
  local list = {}
  for round = 1, 3 do
    for i = 1, #versions do list[i] = versions[i] end
    table.sort(list, older)
  end
  print(list[1], list[750], list[1500])
end
for _ = 1, 3 do run() end
