local V = {}
V.__index = V
local function new(x, y) return setmetatable({ x = x, y = y }, V) end
V.__add = function(a, b) return new(a.x + b.x, a.y + b.y) end
V.__sub = function(a, b) return new(a.x - b.x, a.y - b.y) end
V.__mul = function(a, b) if type(a) == 'number' then a, b = b, a end return new(a.x * b, a.y * b) end
V.__div = function(a, b) return new(a.x / b, a.y / b) end
V.__unm = function(a) return new(-a.x, -a.y) end
V.__mod = function(a, b) return new(a.x % b, a.y % b) end
V.__pow = function(a, b) return 'pow' .. b end
V.__eq = function(a, b) return a.x == b.x and a.y == b.y end
V.__lt = function(a, b) return a.x < b.x end
V.__le = function(a, b) return a.x <= b.x end
V.__concat = function(a, b) return tostring(a) .. tostring(b) end
V.__tostring = function(a) return '(' .. a.x .. ',' .. a.y .. ')' end
V.__call = function(self, k) return self[k] end
local a, b = new(1, 2), new(3, 4)
print(tostring(a + b), tostring(b - a), tostring(a * 2), tostring(2 * a), tostring(b / 2)) -- expect: (4,6)	(2,2)	(2,4)	(2,4)	(1.5,2)
print(tostring(-a), tostring(b % 2), a ^ 3)                  -- expect: (-1,-2)	(1,0)	pow3
print(a == new(1, 2), a == b, a ~= b, a < b, a <= b, a > b, a >= b) -- expect: true	false	true	true	true	false	false
print(a .. b, a .. 'x', 1 .. a, 'p' .. 'q' .. a)             -- expect: (1,2)(3,4)	(1,2)x	1(1,2)	pq(1,2)
print(a('x'), b('y'), a('none'))                             -- expect: 1	4	nil
print(pcall(function() return a + 1 end))                    -- expect: false	metatables/arithmetic.lua:4: attempt to index local 'b' (a number value)
print(pcall(function() return a < 1 end))                    -- expect: false	metatables/arithmetic.lua:24: attempt to compare table with number
print(#a, rawequal(a, new(1, 2)))                            -- expect: 0	false
