-- vector_objects.lua - values with arithmetic metamethods: vectors, complex numbers, comparisons and tostring
local function run()
  local V = {}
  V.__index = V
  local function new(x, y) return setmetatable({ x = x, y = y }, V) end
  V.__add = function(a, b) return new(a.x + b.x, a.y + b.y) end
  V.__sub = function(a, b) return new(a.x - b.x, a.y - b.y) end
  V.__mul = function(a, b)
    if type(a) == 'number' then return new(a * b.x, a * b.y) end
    if type(b) == 'number' then return new(a.x * b, a.y * b) end
    return a.x * b.x + a.y * b.y
  end
  V.__unm = function(a) return new(-a.x, -a.y) end
  V.__eq = function(a, b) return a.x == b.x and a.y == b.y end
  V.__lt = function(a, b) return a.x < b.x or a.x == b.x and a.y < b.y end
  V.__le = function(a, b) return not (b < a) end
  V.__tostring = function(a) return '(' .. a.x .. ', ' .. a.y .. ')' end
  V.__len = function() return 2 end
  V.__concat = function(a, b) return tostring(a) .. tostring(b) end
  V.__call = function(a, k) return k == 1 and a.x or a.y end
  local sum, text = new(0, 0), 0
  for i = 1, 18000 do
    local a, b = new(i, i % 7), new(i % 5, 3)
    sum = sum + (a - b) * 0.5 + -b
    if a == b or a < b then text = text + 1 end
    if a <= b then text = text + 1 end
    text = text + a * b % 10 + a(1) + b(2)
    if i % 10 == 0 then text = text + #tostring(sum) + #(a .. b) end
  end
  print(tostring(sum), text)
end
for _ = 1, 5 do run() end
