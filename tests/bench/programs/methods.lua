-- methods.lua - method calls, own and inherited, on two classes in turn
local Counter = {} Counter.__index = Counter
function Counter.new() return setmetatable({ value = 0 }, Counter) end
function Counter:add(n) self.value = self.value + n return self end
function Counter:get() return self.value end
local Clamped = setmetatable({}, { __index = Counter }) Clamped.__index = Clamped
function Clamped.new(limit) return setmetatable({ value = 0, limit = limit }, Clamped) end
function Clamped:add(n)
  local v = self.value + n
  if v > self.limit then v = v - self.limit end
  self.value = v
  return self
end
local a, b = Counter.new(), Clamped.new(1000)
for i = 1, 2500000 do
  a:add(1)
  b:add(a:get() % 7)
end
print(a:get(), b:get())
