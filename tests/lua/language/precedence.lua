print(2 + 3 * 4 ^ 2 / 2)                                     -- expect: 26
print(-2 ^ 2, 2 ^ -1, 2 ^ 3 ^ 2)                             -- expect: -4	0.5	512
print(10 - 3 - 2, 100 / 10 / 2)                              -- expect: 5	5
print('a' .. 'b' .. 'c' == 'abc', 1 .. 2 == '12')            -- expect: true	true
print(not 1 == 2, not (1 == 2))                              -- expect: false	true
print(#'abc' + 1, -#'ab', #'a' .. 'b')                       -- expect: 4	-2	1b
print(1 + 1 .. '', 2 * 3 .. 4 * 5)                           -- expect: 2	620
print(5 % 3 * 2, -5 % 3, -(5 % 3))                           -- expect: 4	1	-2
print(1 < 2 and 3 > 2, 1 + 1 == 2, 2 * 3 ~= 7)               -- expect: true	true	true
print(- - 3, - -(-3), not not nil)                           -- expect: 3	-3	false
