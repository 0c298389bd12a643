-- Locals that are nil before a function's first instruction, and LOADNIL that joins.
local first
local second, third
do local a; a = nil; local b = nil; local c; c = 1 end
local function f(a) local b; a = nil; local c, d; b = nil return a, b, c, d end
local function g(...) arg = nil; local b; return arg, b end
local function h(...) local b; arg = nil; return b, ... end
local function i() local a; a = nil; a = nil; local b; return a, b end
local function j() local a; while a do local b; local c; a = b end local d return d end
local function k() local a, b, c; repeat local d; a = d until c; return b end
local function l() do local a end do local b, c end local d = nil; local e; return d, e end
local function m() local a; for n = 1, 2 do local o; a = o end end
local function n() local a; if a then local b end local c; return c end
local function o() return nil, nil, nil end
local function p() local a = nil, nil; local b = f(), nil; return a, b end
local function q() while true do local a; local b return a, b end end
return first, second, third
