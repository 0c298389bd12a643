local out = {}
local function try(f, ...) local ok, e = pcall(f, ...) out[#out + 1] = tostring(e) end
try(bit.band) try(bit.bor) try(bit.bxor) try(bit.bnot) try(bit.tobit) try(bit.tobit, 'x') try(bit.tobit, nil) try(bit.lshift, 1) try(bit.band, 1, {}) try(bit.tohex) try(bit.bswap, true) try(bit.rol, 1, 'x')
return out
