local function n(...) return select('#', ...) end
print(n(), n(nil), n(nil, nil), n(1, nil, 3))                -- expect: 0	1	2	3
print(select(2, 'a', 'b', 'c'))                              -- expect: b	c
print(select(-1, 'a', 'b', 'c'))                             -- expect: c
print((select(2, 'a', 'b', 'c')))                            -- expect: b
local function first(...) local a, b = ... return a, b end
print(first(), first(1))                                     -- expect: nil	1	nil
print(first(1, 2, 3))                                        -- expect: 1	2
local function pass(...) return ... end
print(pass(1, 2), pass(3, 4))                                -- expect: 1	3	4
print((pass(1, 2)), pass())                                  -- expect: 1
print(#{ pass(1, 2, 3) }, #{ pass(1, 2), 3 }, #{ (pass(1, 2)) }) -- expect: 3	2	1
local function mixed(a, ...) return a, n(...), ... end
print(mixed(1, 2, 3))                                        -- expect: 1	2	2	3
print(pcall(select, 0))                                      -- expect: false	bad argument #1 to '?' (index out of range)
print(pcall(select, -5, 1))                                  -- expect: false	bad argument #1 to '?' (index out of range)
print(n(unpack({}, 1, 250)))                                 -- expect: 250
local function sum(...) local s = 0 for i = 1, select('#', ...) do s = s + (select(i, ...)) end return s end
print(sum(unpack({ 1, 2, 3, 4, 5 })))                        -- expect: 15
local function nested(...) return (function(...) return n(...) end)(...) end
print(nested(1, 2, 3))                                       -- expect: 3
local function old(...) return arg.n, arg[1] end
print(old('x', 'y'))                                         -- expect: 2	x
print(n(pass(nil)), n((pass())))                             -- expect: 1	1
local packed = (function(...) return { n = select('#', ...), ... } end)(nil, 2, nil)
print(packed.n, packed[1], packed[2], packed[3])             -- expect: 3	nil	2	nil
local t = { pass(1, 2, 3), pass(4, 5, 6) }
print(#t, t[1], t[2], t[4])                                  -- expect: 4	1	4	6
print(string.format('%d %d', pass(1, 2)))                    -- expect: 1 2
print(math.max(pass(3, 9, 4)))                               -- expect: 9
