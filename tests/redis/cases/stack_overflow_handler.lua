local results = {}
local function deep(...) deep(...) end
local handled = 0
local function put(...) for i = 1, select('#', ...) do results[#results + 1] = tostring((select(i, ...))) end end
put(xpcall(deep, function(e) handled = handled + 1 return e end))
put(handled)
put(xpcall(nil, function() handled = handled + 1 nosuch() end))
put(handled)
put(pcall(load, {}, {}))
local asked = 0
put(type(load(function() asked = asked + 1 end)), asked)
put(xpcall(error, nil))
return results
