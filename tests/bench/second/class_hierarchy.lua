-- class_hierarchy.lua - classes with several parents, found by a function as __index
local function run()
  local function create(...)
    local parents, class = { ... }, {}
    setmetatable(class, { __index = function(_, name)
      for i = 1, #parents do
        local value = parents[i][name]
        if value ~= nil then return value end
      end
    end })
    class.__index = class
    function class.new(fields) return setmetatable(fields, class) end
    return class
  end
  local Named = { name_of = function(self) return self.name end, rename = function(self, n) self.name = n end }
  local Counted = { count = function(self) self.n = (self.n or 0) + 1 return self.n end }
  local Account = create(Named, Counted)
  local Special = create(Account)
  function Special:limit() return self.max or 100 end
  local sum = 0
  local a, b = Account.new({ name = 'a' }), Special.new({ name = 'b', max = 7 })
  for i = 1, 70000 do
    sum = sum + a:count() + #a:name_of() + b:limit()
    if i % 10 == 0 then b:rename('b' .. i % 100) end
    sum = sum + b:count() + #b:name_of()
  end
  print(sum)
end
for _ = 1, 4 do run() end
