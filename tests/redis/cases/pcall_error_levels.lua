local out = {}
local function level(n) error('m', n) end
for n = 0, 5 do
  local ok, e = pcall(level, n)
  out[#out + 1] = tostring(e)
end
for n = 0, 5 do
  local ok, e = pcall(function() local x = level(n) return x end)
  out[#out + 1] = tostring(e)
end
return out
