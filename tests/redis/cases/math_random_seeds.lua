local out = {}
for _, s in ipairs{ 0, 1, -1, 1.9, 2^31, 2^32, 2^32 + 5, -2^31, 12345678901, '7', 1e15 } do math.randomseed(s) out[#out + 1] = tostring(s) .. ' ' .. string.format('%.17g', math.random()) .. ' ' .. math.random(1000000) end
return out
