local out = {}
for i, n in ipairs{ 0, 1, 1.0, 1., .5, 1e2, 1E2, 1e+2, 1e-2, 0x10, 0XFf, 0xffffffff, 0x7fffffffffffffff, 3.14159, 1e15, 1e16, 123456789012, 0.1, 1e308, 1e-308, 5e-324, 1e400, 100, 1e14, 1e100, 2^53, 2^63 } do out[i] = tostring(n) end
return out
