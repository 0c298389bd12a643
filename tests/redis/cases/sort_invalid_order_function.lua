local t = {}
for i = 1, 30 do t[i] = i end
local ok, e = pcall(table.sort, t, function(a, b) return true end)
local u = {}
for i = 1, 30 do u[i] = i end
local ok2, e2 = pcall(table.sort, u, function(a, b) return false end)
return { tostring(ok), tostring(e), tostring(ok2), tostring(e2), t, u }
