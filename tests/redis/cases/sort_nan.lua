local t = { 3, 0/0, 1, 2, 0/0, 0 }
local ok, e = pcall(table.sort, t)
local out = { tostring(ok) }
for i, v in ipairs(t) do out[#out + 1] = tostring(v) end
return out
