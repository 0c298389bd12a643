-- limit: instructions=1m
-- expect code: LIMIT_INSTRUCTIONS
local s = string.rep('a', 30000)
return s:find('.-.-.-.-b')
