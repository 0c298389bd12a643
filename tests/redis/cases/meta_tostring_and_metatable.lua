local out = {}
local function put(x) out[#out + 1] = tostring(x) end
put(setmetatable({}, { __tostring = function() return 'me' end }))
put(getmetatable(setmetatable({}, { __metatable = 'locked' })))
put(select(2, pcall(setmetatable, setmetatable({}, { __metatable = 1 }), {})))
put(select(2, pcall(tostring, setmetatable({}, { __tostring = function() return 5 end }))))
put(select(2, pcall(tostring, setmetatable({}, { __tostring = function() end }))))
put(getmetatable('abc').__index == string)
put(getmetatable(5)) put(getmetatable(nil))
put(select(2, pcall(setmetatable, 1, {}))) put(select(2, pcall(setmetatable, {}))) put(select(2, pcall(setmetatable, {}, 5)))
return out
