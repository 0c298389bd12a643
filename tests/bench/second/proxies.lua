-- proxies.lua - tables behind tables: read-only, counted, with defaults, with computed fields
local function run()
  local function read_only(t)
    return setmetatable({}, { __index = t, __newindex = function(_, k) error('read-only: ' .. k, 2) end })
  end
  local reads, writes = 0, 0
  local function counted(t)
    return setmetatable({}, { __index = function(_, k) reads = reads + 1 return t[k] end,
                              __newindex = function(_, k, v) writes = writes + 1 t[k] = v end })
  end
  local point = setmetatable({ x = 3, y = 4 }, { __index = function(t, k) if k == 'length' then return math.sqrt(t.x * t.x + t.y * t.y) end end })
  local safe, watched = read_only({ a = 1, b = 2 }), counted({ n = 0 })
  local sum, refused = 0, 0
  for i = 1, 60000 do
    sum = sum + safe.a + safe.b + point.length
    watched.n = watched.n + 1
    if i % 20 == 0 and not pcall(function() safe.c = 1 end) then refused = refused + 1 end
  end
  print(sum, reads, writes, refused)
end
for _ = 1, 10 do run() end
