local out = {}
local function try(...) local r = { pcall(next, ...) } for i = 1, 3 do r[i] = tostring(r[i]) end out[#out + 1] = table.concat(r, ' ') end
try({}) try({ 10 }) try({ 10 }, 1) try({ x = 1 }) try({ x = 1 }, 'x') try({}, 'nope') try({ 1, 2 }, 5) try({ 1 }, 1.5) try({ 1 }, nil) try() try(5) try({ 1 }, 0) try({ 1 }, 0/0)
local t = { a = 1, b = 2 } t.a = nil
try(t)
return out
