print(math.floor(1.5), math.floor(-1.5), math.ceil(1.5), math.ceil(-1.5)) -- expect: 1	-2	2	-1
print(math.abs(-5), math.max(1, 9, 3), math.min(4, 2, 8))    -- expect: 5	9	2
print(math.fmod(7, 3), math.fmod(-7, 3), math.mod and math.mod(7, 3)) -- expect: 1	-1	1
print(math.modf(3.7), math.modf(-3.7))                       -- expect: 3	-3	-0.7
print(math.sqrt(16), math.pow(2, 10), math.exp(0), math.log(1), math.log10(100)) -- expect: 4	1024	1	0	2
print(math.frexp(8), math.ldexp(0.5, 4))                     -- expect: 0.5	8
print(math.sin(0), math.cos(0), math.tan(0), math.atan2(0, 1), math.acos(1)) -- expect: 0	1	0	0	0
print(math.deg(math.pi), math.rad(180) == math.pi)           -- expect: 180	true
print(math.huge == 1 / 0, -math.huge < 0)                    -- expect: true	true
print(math.floor(2 ^ 31 + 0.5), math.floor(-2 ^ 31 - 0.5))   -- expect: 2147483648	-2147483649
print(math.floor(1e15 + 0.5), math.ceil(1e15))               -- expect: 1e+15	1e+15
print(pcall(math.floor))                                     -- expect: false	bad argument #1 to '?' (number expected, got no value)
print(pcall(math.floor, 'x'))                                -- expect: false	bad argument #1 to '?' (number expected, got string)
print(pcall(math.max))                                       -- expect: false	bad argument #1 to '?' (number expected, got no value)
print(math.max('10', 9), math.floor('3.7'))                  -- expect: 10	3
print(pcall(math.random, 0))                                 -- expect: false	bad argument #1 to '?' (interval is empty)
print(pcall(math.random, 2, 1))                              -- expect: false	bad argument #2 to '?' (interval is empty)
local r = math.random()
print(r >= 0 and r < 1, math.random(1), math.random(3, 3))   -- expect: true	1	3
local ok = true
for i = 1, 100 do local v = math.random(10) ok = ok and v >= 1 and v <= 10 and v == math.floor(v) end
print(ok)                                                    -- expect: true
print(math.cosh(0), math.sinh(0), math.tanh(0))              -- expect: 1	0	0

-- x^2 is pow's, to the last bit
local x, y = 123456789, 0.1
print(('%.17g %.17g %.17g'):format(x ^ 2, y ^ 2, 94906265 ^ 2)) -- expect: 15241578750190522 0.010000000000000002 9007199136250225
