local out = {}
local t = {}
for i = 1, 40 do t['key' .. i] = i t[i] = i end
for k, v in pairs(t) do if v % 3 == 0 then t[k] = nil end out[#out + 1] = tostring(k) end
for k, v in pairs(t) do if v % 2 == 0 then t[k] = v * 2 end out[#out + 1] = tostring(k) .. '=' .. tostring(t[k]) end
t.newkey = 1
for k in pairs(t) do out[#out + 1] = tostring(k) end
return out
