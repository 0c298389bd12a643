-- mixed_tables.lua - tables with array and hash parts, walked with pairs, ipairs and next, fields removed on the way
local function run()
  local n = 0
  for round = 1, 2500 do
    local t = { 1, 2, 3, x = 10, y = 20, [10] = 'ten', [2.5] = 'half', [true] = 'yes' }
    t[4] = 4
    t.z = round
    t[#t + 1] = 5
    for k, v in pairs(t) do
      if type(k) == 'number' then n = n + k end
      if type(v) == 'number' then n = n + v else n = n + #v end
    end
    for i, v in ipairs(t) do n = n + i * v end
    for k in pairs(t) do if type(k) == 'string' then t[k] = nil end end
    local k, v = next(t)
    while k ~= nil do
      n = n + 1
      k, v = next(t, k)
    end
    t[3] = nil
    n = n + (t[1] or 0) + (t[4] or 0)
  end
  print(n)
end
for _ = 1, 17 do run() end
