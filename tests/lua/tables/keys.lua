local t = {}
t[1] = 'int' t['1'] = 'string' t[1.5] = 'float' t[true] = 'bool' t[print] = 'func'
print(t[1], t['1'], t[1.5], t[true], t[print], t[1.0])       -- expect: int	string	float	bool	func	int
t[2 ^ 53] = 'big'
print(t[2 ^ 53], t[9007199254740992])                        -- expect: big	big
t[-0] = 'zero'
print(t[0], t[-0])                                           -- expect: zero	zero
print(pcall(function() t[nil] = 1 end))                      -- expect: false	tables/keys.lua:8: table index is nil
print(pcall(function() t[0 / 0] = 1 end))                    -- expect: false	tables/keys.lua:9: table index is NaN
print(t[nil], t[0 / 0])                                      -- expect: nil	nil
t.x = 1 t.x = nil
print(t.x, rawget(t, 'x'), next({}), next({ 5 }))            -- expect: nil	nil	nil	1	5
local k = {}
t[k] = 'table key'
print(t[k], t[{}])                                           -- expect: table key	nil
local c = { 1, 2, n = 'x', [10] = 'ten', ['a b'] = 3; 4 }
print(c[1], c[3], c.n, c[10], c['a b'], #c)                  -- expect: 1	4	x	ten	3	3
local nested = { a = { b = { c = 'deep' } } }
print(nested.a.b.c, nested['a']['b'].c)                      -- expect: deep	deep
print(pcall(next, {}, 'missing'))                            -- expect: false	invalid key to 'next'
print(rawset({}, 1, 2)[1], rawget({ 7 }, 1))                 -- expect: 2	7
t = { 10, 20, 30 }
t[2] = nil
local count = 0
for _ in pairs(t) do count = count + 1 end
print(count, t[3])                                           -- expect: 2	30
