local out = {}
local s = string.rep('a', 10000)
for _, n in ipairs{ 1, 100, 7000, 7900, 7999, 8000, 10000 } do
  local ok, e = pcall(function() return select('#', string.byte(s, 1, n)) end)
  out[#out + 1] = n .. ' ' .. tostring(e)
end
return out
