print(('%d %5d|%-5d|%05d'):format(42, 42, 42, 42))           -- expect: 42    42|42   |00042
print(('%s %10s|%-10s|%.2s'):format('a', 'b', 'c', 'def'))   -- expect: a          b|c         |de
print(('%x %X %o %c'):format(255, 255, 8, 65))               -- expect: ff FF 10 A
print(('%f %.2f %10.3f|'):format(1.5, 3.14159, 2.5))         -- expect: 1.500000 3.14      2.500|
print(('%g %g %g'):format(1e20, 0.1, 100000))                -- expect: 1e+20 0.1 100000
print(('%e'):format(12345.678))                              -- expect: 1.234568e+04
print((('%q'):format('a "q" \n \\ \0 z'):gsub('\n', '<newline>'))) -- expect: "a \"q\" \<newline> \\ \000 z"
print(('%%'):format(), ('100%%'):format())                   -- expect: %	100%
print(('%i'):format(3.99), ('%d'):format('12'), ('%d'):format(-3.99)) -- expect: 3	12	-3
print(('%s %s %s'):format(1, 1.5, 'x'))                      -- expect: 1 1.5 x
print(('%5.1f|%-8.2e|%+d'):format(3.14159, 1234.5, 5))       -- expect:   3.1|1.23e+03|+5
print(('%.14g %.17g %.3g'):format(0.1, 0.1, 1234.5))         -- expect: 0.1 0.10000000000000001 1.23e+03
print(pcall(string.format, '%d', 'x'))                       -- expect: false	bad argument #2 to '?' (number expected, got string)
print(pcall(string.format, '%d'))                            -- expect: false	bad argument #2 to '?' (no value)
print(pcall(string.format, '%y', 1))                         -- expect: false	invalid option '%y' to 'format'
print(pcall(string.format, '%s', nil))                       -- expect: false	bad argument #2 to '?' (string expected, got nil)
print(pcall(string.format, '%123d', 1))                      -- expect: false	invalid format (width or precision too long)
print(#('%s'):format(('x'):rep(1000)), #('%99d'):format(1))  -- expect: 1000	99
print(('%5s|%-5s|%5.1s|'):format('ab', 'ab', 'ab'))          -- expect:    ab|ab   |    a|
print(('%#x %#o % d'):format(255, 8, 7))                     -- expect: 0xff 010  7
print(('%s|%d'):format('a\0b', 3))                           -- expect: a|3
