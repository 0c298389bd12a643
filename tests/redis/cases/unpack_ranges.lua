local out = {}
local function put(...) local t = {} for i = 1, select('#', ...) do t[i] = tostring((select(i, ...))) end out[#out + 1] = #t .. ':' .. table.concat(t, ',') end
put(unpack({ 1, 2, 3 })) put(unpack({ 1, 2, 3 }, 2)) put(unpack({ 1, 2, 3 }, 2, 3)) put(unpack({ 1, 2, 3 }, 3, 2)) put(unpack({}, 1, 3)) put(unpack({ 1, nil, 3 }))
put(unpack({ 1, 2 }, -1, 1)) put(unpack({ 1, 2, 3 }, '2', '3')) put(unpack({ 1, 2, 3 }, 1.9, 2.9)) put(unpack({}, 1, 0))
put(pcall(unpack)) put(pcall(unpack, 5)) put(pcall(unpack, {}, {})) put(pcall(unpack, {}, -2^31, 2^31 - 1)) put(pcall(unpack, {}, 1, 1e15))
return out
