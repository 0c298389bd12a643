local out = {}
for i, v in ipairs{ 7 % 3, -7 % 3, 7 % -3, -7 % -3, 5.5 % 2, -5.5 % 2, 1 / 3, 10 / 2, 2 ^ 0.5, 2 ^ -2, 1 / 0, -1 / 0, 0 * -1, 1e308 * 10, 1 % 1e300, 3 % -1e300, 2^53 + 1, 0.1 + 0.2, 1e15 + 0.3, 100000000000000, 1e14 + 0.5 } do out[i] = tostring(v) end
local nan = 0 / 0
out[#out + 1] = tostring(nan == nan) .. tostring(nan ~= nan) .. tostring(nan < nan) .. tostring(1 / -0 == -1 / 0)
out[#out + 1] = tostring(0 / 0) .. ' ' .. tostring(-(0 / 0)) .. ' ' .. tostring(1 % 0) .. ' ' .. tostring(5 % (1 / 0)) .. ' ' .. tostring(-5 % (1 / 0)) .. ' ' .. tostring((1 / 0) - (1 / 0)) .. ' ' .. tostring((-8) ^ (1 / 3)) .. ' ' .. tostring(math.sqrt(-1)) .. ' ' .. tostring(math.huge % 2)
return out
