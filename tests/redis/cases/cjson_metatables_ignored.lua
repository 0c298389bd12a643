local t = setmetatable({ a = 1 }, { __index = { b = 2 }, __len = function() return 5 end, __pairs = function() end })
return { cjson.encode(t), cjson.encode(setmetatable({}, { __index = { 'x' } })), tostring(getmetatable(cjson.decode('[]'))) }
