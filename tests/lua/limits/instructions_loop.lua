-- limit: instructions=100000
-- expect code: LIMIT_INSTRUCTIONS
-- expect message: exceeded 100000 instructions, at user_script:5
local n = 0
while true do n = n + 1 end
