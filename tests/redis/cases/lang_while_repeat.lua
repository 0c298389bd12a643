local out, i = {}, 0
while true do i = i + 1 if i > 5 then break end if i % 2 == 0 then out[#out + 1] = i end end
repeat local last = i i = i - 1 until last <= 3
out[#out + 1] = i
local n = 0
repeat n = n + 1 if n == 3 then break end until false
out[#out + 1] = n
while false do out[#out + 1] = 'never' end
return out
