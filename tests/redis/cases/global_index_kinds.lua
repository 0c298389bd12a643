local out = {}
for _, k in ipairs{ 'nope', 5, true } do
  local ok, e = pcall(function() return _G[k] end)
  out[#out + 1] = tostring(ok) .. ' ' .. tostring(e)
end
local ok, e = pcall(function() return _G[nil] end)
out[#out + 1] = tostring(e)
return out
