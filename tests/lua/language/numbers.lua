print(1, 1.0, 1.5, -0.5, .5, 5., 1e3, 1E-2)                  -- expect: 1	1	1.5	-0.5	0.5	5	1000	0.01
print(0x10, 0xff, 0XAB, 0xffffffff)                          -- expect: 16	255	171	4294967295
print(1e15, 1e14, 123456789012345, 99999999999999)           -- expect: 1e+15	1e+14	1.2345678901234e+14	99999999999999
print(0.1, 0.1 + 0.2, 1 / 3, 100 / 3)                        -- expect: 0.1	0.3	0.33333333333333	33.333333333333
print(2 ^ 53, 2 ^ 63, 2 ^ 64, 2 ^ 1023)                      -- expect: 9.007199254741e+15	9.2233720368548e+18	1.844674407371e+19	8.9884656743116e+307
print(1e308 * 10, -1e308 * 10)                               -- expect: inf	-inf
print(7 % 3, -7 % 3, 7 % -3, -7 % -3, 5.5 % 2, 1 % 0.3 < 0.3) -- expect: 1	2	-2	-1	1.5	true
print(1 / 0, -1 / 0)                                         -- expect: inf	-inf
print(0 / 0 ~= 0 / 0, 0 == -0, 1 / 0 == 1 / 0)               -- expect: true	true	true
print(3 == 3.0, '3' == 3, 1e2 == 100)                        -- expect: true	false	true
print(10 / 2, 7 / 2, 2 ^ 0.5)                                -- expect: 5	3.5	1.4142135623731
print(1e-7, 123.456e2, 5e-324)                               -- expect: 1e-07	12345.6	4.9406564584125e-324
print('10' + 5, '3' * '4', '0x10' + 0, ' 5 ' + 0, 10 .. 20)  -- expect: 15	12	16	5	1020
print(-'2', '2' ^ 2, '7' % 4)                                -- expect: -2	4	3
print(math.huge, -math.huge, math.pi)                        -- expect: inf	-inf	3.1415926535898
print(100000000000000, 1000000000000000, 12345678.9, 0.000012345) -- expect: 1e+14	1e+15	12345678.9	1.2345e-05
print(tostring(1e100), 1e21 .. '', -1e15 .. '')              -- expect: 1e+100	1e+21	-1e+15
print(pcall(function() return 'abc' + 1 end))                -- expect: false	language/numbers.lua:18: attempt to perform arithmetic on a string value
print(pcall(function() return {} + 1 end))                   -- expect: false	language/numbers.lua:19: attempt to perform arithmetic on a table value
print(pcall(function() return 2 ^ nil end))                  -- expect: false	language/numbers.lua:20: attempt to perform arithmetic on a nil value
