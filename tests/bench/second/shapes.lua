-- shapes.lua - small objects of several classes in one list, their methods called in turn
local function run()
  local function class(parent)
    local c = {}
    c.__index = c
    if parent then setmetatable(c, { __index = parent, __call = nil }) end
    c.new = function(...) local o = setmetatable({}, c) o:init(...) return o end
    return c
  end
  local Shape = class()
  function Shape:init(name) self.name = name end
  function Shape:area() return 0 end
  function Shape:describe() return #self.name + self:area() end
  local Box = class(Shape)
  function Box:init(w, h) Shape.init(self, 'box') self.w, self.h = w, h end
  function Box:area() return self.w * self.h end
  local Square = class(Box)
  function Square:init(w) Box.init(self, w, w) self.name = 'square' end
  local Circle = class(Shape)
  function Circle:init(r) Shape.init(self, 'circle') self.r = r end
  function Circle:area() return 3 * self.r * self.r end
  local sum = 0
  for round = 1, 60 do
    local list = {}
    for i = 1, 300 do
      local kind = i % 4
      list[i] = kind == 0 and Box.new(i, 2) or kind == 1 and Square.new(i) or kind == 2 and Circle.new(i) or Shape.new('plain')
    end
    for pass = 1, 3 do for _, s in ipairs(list) do sum = sum + s:describe() end end
  end
  print(sum)
end
for _ = 1, 11 do run() end
