local out = {}
for i, n in ipairs{ 1, 1.5, 1e15, 1e16, 0.1, 1/3, 100, -7, 1e-10, 2^53, 12345678901234567890 } do out[i] = n .. '|' .. (-n) end
return out
