-- redis-only
-- Redis's generator: the same numbers on every machine
math.randomseed(0)
print(('%.17g %.17g %.17g'):format(math.random(), math.random(), math.random())) -- expect: 0.1708280361121651 0.74990198051086721 0.096371655397290201
math.randomseed(42)
print(('%.17g %.17g'):format(math.random(), math.random()))  -- expect: 0.74452500033403046 0.34270147855519384
math.randomseed(42)
print(math.random(1, 1000), math.random(1, 1000), math.random(1, 1000)) -- expect: 745	343	112
math.randomseed(7)
print(math.random(6), math.random(6), math.random(6), math.random(-5, 5)) -- expect: 2	5	2	-4
math.randomseed(2 ^ 32 + 7)
print(math.random(6), math.random(6))                        -- expect: 2	5
math.randomseed(-1)
print(math.random(100), math.random(100))                    -- expect: 31	5
print(pcall(math.random, 2 ^ 31))                            -- expect: false	bad argument #1 to '?' (interval is empty)
print(pcall(math.random, 0))                                 -- expect: false	bad argument #1 to '?' (interval is empty)
