-- select with one result, and packing beside fields, in every form.
local function first(...) return (select('#', ...)) end
local function at(n, ...) return (select(n, ...)) end
local function all(n, ...) return select(n, ...) end
print(first(), first(nil), first(1, nil, nil)) -- expect: 0	1	3
print(at(1, 'a', 'b'), at(2, 'a', 'b'), at(3, 'a', 'b'), at(-1, 'a', 'b'), at('2', 'a', 'b')) -- expect: a	b	nil	b	b
print(at(1.9, 'a', 'b'), at('#', 'a', 'b'), all(2, 'a', 'b', 'c')) -- expect: a	2	b	c
print(select(2, pcall(at, 0, 'a')):match('bad.*')) -- expect: bad argument #1 to 'select' (index out of range)
print(select(2, pcall(at, -3, 'a', 'b')):match('bad.*')) -- expect: bad argument #1 to 'select' (index out of range)
print(pcall(at, {}, 'a') == false, (pcall(at, nil, 'a'))) -- expect: true	false

local function pack(...) return {n = select('#', ...), ...} end
local function beside(...) return {[2] = 'two', ...} end
local function late(...) return {[9] = 'nine', ...} end
local function several(...) return {a = 1, b = 2, c = 3, ...} end
local p, q, r, s = pack(1, nil, 3), beside('x'), late('x', 'y'), several(7, 8, 9)
print(p.n, p[1], p[2], p[3], #p) -- expect: 3	1	nil	3	3
print(q[1], q[2], #q) -- expect: x	two	2
print(r[1], r[2], r[9]) -- expect: x	y	nine
print(s.a, s.b, s.c, s[1], s[2], s[3]) -- expect: 1	2	3	7	8	9
print(beside('x', 'y')[2], pack().n, #pack()) -- expect: y	0	0
local grown = {'a'}
for i = 2, 9 do grown[i] = i end -- the first steps stay in the slot of the array
print(table.concat(grown, ' ')) -- expect: a 2 3 4 5 6 7 8 9
local function two() return 1, 2 end
print(#{two()}, #{0, two()}, #{two(), two()}, #{{two()}, (two())}) -- expect: 2	3	3	2
