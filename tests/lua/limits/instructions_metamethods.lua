-- limit: instructions=100000
-- expect code: LIMIT_INSTRUCTIONS
local t = setmetatable({}, { __index = function(_, k) return k end })
while true do local x = t.anything end
