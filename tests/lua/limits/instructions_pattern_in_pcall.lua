-- limit: instructions=1m
-- expect code: LIMIT_INSTRUCTIONS
local s = string.rep('a', 30000)
while true do pcall(string.find, s, '.-.-b') end
