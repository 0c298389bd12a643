-- limit: instructions=1m
-- expect code: LIMIT_INSTRUCTIONS
local t = {}
for i = 1, 1000 do t[i] = 'value' end
while true do cjson.decode(cjson.encode(t)) end
