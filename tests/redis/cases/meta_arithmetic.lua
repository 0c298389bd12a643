local mt = {}
local function v(x) return setmetatable({ x = x }, mt) end
local function n(a) return type(a) == 'table' and a.x or a end
mt.__add = function(a, b) return 'add' .. n(a) .. n(b) end
mt.__sub = function(a, b) return 'sub' .. n(a) .. n(b) end
mt.__mul = function(a, b) return 'mul' .. n(a) .. n(b) end
mt.__div = function(a, b) return 'div' .. n(a) .. n(b) end
mt.__mod = function(a, b) return 'mod' .. n(a) .. n(b) end
mt.__pow = function(a, b) return 'pow' .. n(a) .. n(b) end
mt.__unm = function(a, b) return 'unm' .. n(a) .. tostring(rawequal(a, b)) end
mt.__concat = function(a, b) return 'cat' .. n(a) .. n(b) end
local a, b = v(1), v(2)
return { a + b, a - 3, 4 * b, a / 'q', '5' % b, a ^ b, -a, a .. b, a .. 'z', 'z' .. b, 1 .. b, 'p' .. 'q' .. b }
