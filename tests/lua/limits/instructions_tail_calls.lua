-- limit: instructions=50000
-- expect code: LIMIT_INSTRUCTIONS
local function f() return f() end
return f()
