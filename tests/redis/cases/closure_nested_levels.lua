local function a(x) return function(y) return function(z) return function() x = x + 1 y = y + x z = z + y return z end end end end
local f = a(1)(2)(3)
return { f(), f(), f() }
