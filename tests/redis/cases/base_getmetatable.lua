local t = {}
return { tostring(getmetatable(t)), tostring(getmetatable(setmetatable(t, { __index = t })).__index == t), tostring(select(2, pcall(getmetatable))), type(getmetatable('')) }
