-- maybe_nil.lua - nil checks, defaults with and/or, booleans, missing fields, ternaries
local function run()
  local rows = {}
  for i = 1, 200 do
    rows[i] = { name = i % 3 ~= 0 and 'n' .. i or nil, size = i % 4 ~= 0 and i or nil, child = i % 5 == 0 and { flag = i % 2 == 0 } or nil }
  end
  local sum = 0
  for round = 1, 500 do
    for i = 1, #rows do
      local r = rows[i]
      local name, size = r.name or 'none', r.size or 0
      local flag = r.child and r.child.flag or false
      sum = sum + #name + (size > 100 and 2 or size > 50 and 1 or 0)
      if not flag and r.child ~= nil then sum = sum + 1 end
      if r.missing == nil and not r.name then sum = sum + 3 end
    end
  end
  print(sum)
end
for _ = 1, 12 do run() end
