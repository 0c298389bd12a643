local t = {}
for i = 1, 20 do t[i] = { key = i % 3, id = i } end
table.sort(t, function(a, b) return a.key < b.key end)
local out = {}
for i, v in ipairs(t) do out[i] = v.key .. ':' .. v.id end
return out
