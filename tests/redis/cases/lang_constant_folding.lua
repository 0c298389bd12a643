local z = 0
local out = {}
for i, v in ipairs{ 1 / 0, 1 / z, -1 / 0, -1 / z, 2 ^ 10, 3 - 5, 7 % 0 ~= 7 % 0, -(3), - - 3, 1 .. '', 0 / 1, -0, 0 * -1, z * -1 } do out[i] = tostring(v) end
return out
