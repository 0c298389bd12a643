local out = {}
local function put(...) local t = { ... } for i = 1, select('#', ...) do t[i] = tostring((select(i, ...))) end out[#out + 1] = table.concat(t, ',') end
put(pcall(function() return 1, nil, 3 end))
put(pcall(function() end))
put(pcall(error))
put(pcall(error, nil))
put(pcall(error, 'a', 0))
put(pcall(error, 'a'))
put(pcall(error, 'a', 1))
put(pcall(error, 'a', 2))
put(pcall(error, 42))
put(pcall(nil))
put(pcall(5))
put(pcall())
put(pcall(pcall, error, 'e'))
put(pcall(pcall))
put(select('#', pcall(error)))
return out
