print(('hello'):gsub('l', 'L'))                              -- expect: heLLo	2
print(('hello'):gsub('l', 'L', 1))                           -- expect: heLlo	1
print(('abc'):gsub('', '-'))                                 -- expect: -a-b-c-	4
print(('abc'):gsub('%w', '%0%0'))                            -- expect: aabbcc	3
print(('hello world'):gsub('(%w+) (%w+)', '%2 %1'))          -- expect: world hello	1
print(('abc'):gsub('b', { b = 'B' }))                        -- expect: aBc	1
print(('abc'):gsub('%w', { a = 1, b = false }))              -- expect: 1bc	3
print(('abc'):gsub('%w', function(c) if c == 'b' then return 'X' end end)) -- expect: aXc	3
print(('$x $y'):gsub('%$(%w)', { x = 10, y = 'z' }))         -- expect: 10 z	2
print(('abc'):gsub('b*', '-'))                               -- expect: -a--c-	4
print(('a,b,c'):gsub(',', '%%'))                             -- expect: a%b%c	2
print(('aaa'):gsub('^a', 'b'))                               -- expect: baa	1
print(('abc'):gsub('.', { a = '1' }, 2))                     -- expect: 1bc	2
print((''):gsub('', 'x'), (''):gsub('x', 'y'))               -- expect: x		0
print(('x = 1'):gsub('%s*=%s*', '='))                        -- expect: x=1	1
print(pcall(string.gsub, 'a', 'a', '%2'))                    -- expect: false	invalid capture index
print(pcall(string.gsub, 'a', 'a', function() return {} end)) -- expect: false	invalid replacement value (a table)
print(pcall(string.gsub, 'a', 'a', true))                    -- expect: false	bad argument #3 to '?' (string/function/table expected)
local n = 0
print(('one two three'):gsub('%a+', function(w) n = n + #w return n end)) -- expect: 3 6 11	3
print((('x'):rep(300):gsub('x', 'yy')):len())                -- expect: 600
