local function f(...) return arg.n, arg[1], arg[2] end
local function g(a, ...) local x = ... return tostring(rawget(_G, 'arg')) end
return { f('a', 'b', 'c'), g(1, 2) }
