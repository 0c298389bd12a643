-- limit: instructions=1m
-- expect code: LIMIT_INSTRUCTIONS
local function count(...) return select('#', ...) end
while true do count(unpack({}, 1, 5000)) end
