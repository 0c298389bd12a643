-- limit: instructions=200k
-- expect code: LIMIT_INSTRUCTIONS
while true do for w in ('a b c d'):gmatch('%a') do end end
