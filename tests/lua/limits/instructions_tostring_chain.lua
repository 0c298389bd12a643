-- limit: instructions=200k
-- expect code: LIMIT_INSTRUCTIONS
while true do local s = tostring(1/3) .. tonumber('123.5') end
