local out = {}
local t = {}
for i = 1, 40 do t[('long-key-prefix-that-goes-past-thirty-two-bytes:%04d:suffix'):format(i * 37)] = i end
for k, v in pairs(t) do out[#out + 1] = v end
t = {}
for n = 28, 70 do t[('x'):rep(n)] = n end
for k, v in pairs(t) do out[#out + 1] = v end
t = {}
for i = 1, 30 do t[('a'):rep(40) .. i .. ('b'):rep(40)] = i end
for k, v in pairs(t) do out[#out + 1] = v end
return out
