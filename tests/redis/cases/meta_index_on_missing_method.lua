local t = setmetatable({}, { __index = function(_, k) return function(self, x) return k .. tostring(x) end end })
return { t:hello(1), t.bye(nil, 2) }
