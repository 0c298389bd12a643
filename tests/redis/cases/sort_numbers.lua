local t = { 5, 2, 8, 1, 9, 3, 7, 4, 6, 0, -1, 2.5, 1e10, -1e10 }
table.sort(t)
local u = { 5, 2, 8, 1, 9 }
table.sort(u, function(a, b) return a > b end)
for i, v in ipairs(t) do t[i] = tostring(v) end
return { t, u }
