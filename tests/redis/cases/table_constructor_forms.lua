local function f() return 'x', 'y', 'z' end
local t = { 1, 2; 3, a = 'A', ['b'] = 'B', [10] = 'ten', f(), (f()), f() }
return { t, t.a, t.b, t[10], #t, #{ f(), nil }, #{ nil, f() }, #{ f(), [1] = 'over' }, ({ f(), [1] = 'over' })[1], ({ [1] = 'over', f() })[1] }
