-- limit: instructions=100k
-- expect code: LIMIT_INSTRUCTIONS
local function f() return pcall(f) end
while true do f() end
