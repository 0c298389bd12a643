-- fresh
local out = {}
local function try(f, ...) local ok, e = pcall(f, ...) out[#out + 1] = tostring(e) end
try(math.abs) try(math.abs, 'x') try(math.abs, nil) try(math.max) try(math.min) try(math.floor, {}) try(math.random, 0) try(math.random, -5) try(math.random, 2, 1) try(math.random, 1, 2, 3) try(math.random, 'x') try(math.fmod, 1) try(math.pow, 2) try(math.ldexp, 1) try(math.atan2, 1) try(math.randomseed) try(math.randomseed, 'x') try(math.random, 2^31) try(math.random, 2^31, 2^31 + 5) try(math.max, 1, 'x') try(math.sqrt, true) try(math.random, {}) try(math.random, -2^31, 2^31 - 1) try(math.random, 0, 2^31 - 1)
return out
