-- args: e d c b a
local t = {}
for i, v in ipairs(ARGV) do t[v] = i end
local s = {}
for k, v in pairs(t) do s[#s + 1] = k .. v end
return s
