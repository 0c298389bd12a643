-- args: 10 0x10 1e2 nan abc
local out = {}
for i, v in ipairs(ARGV) do out[i] = type(v) .. ' ' .. tostring(tonumber(v)) end
return out
