local out = {}
local function run(a, b, c) local s = {} for i = a, b, c do s[#s + 1] = i if #s > 12 then break end end out[#out + 1] = table.concat(s, ' ') end
run(1, 5, 1) run(5, 1, -1) run(1, 0, 1) run(1, 1, 1) run(0, 1, 0.25) run(1, 2, 0.3) run(3, 1, 1) run(-3, 3, 2) run(1, 1/0, 1) run(1, 5, 0) run('1', '3', '1') run(1e15, 1e15 + 3, 1) run(2^53 - 1, 2^53 + 2, 1) run(1, 3, 0/0) run(0.1, 0.5, 0.1)
local f = 0
for i = 10, 1, -3 do f = f * 10 + i i = 100 end
out[#out + 1] = f
return out
