local out = {}
local function n(...) return select('#', ...) end
local function first(...) local a = ... return a end
local function pass(...) return ... end
local function tail(a, ...) return ... end
out[#out + 1] = n()
out[#out + 1] = n(nil, nil)
out[#out + 1] = tostring(first())
out[#out + 1] = n(pass(1, nil, nil))
out[#out + 1] = n((pass(1, 2, 3)))
out[#out + 1] = n(tail(1, 2, 3))
out[#out + 1] = n(pass(), pass(), pass(1, 2))
out[#out + 1] = #{ pass(1, 2, 3), pass(4, 5) }
out[#out + 1] = select(-1, 'a', 'b')
out[#out + 1] = select(-2, 'a', 'b')
out[#out + 1] = select('#', select(3, 1, 2))
return out
