local out = {}
for _, v in ipairs{ { }, { code = 42 }, { 'x' }, { err = true } } do
  local ok, e = pcall(error, v)
  out[#out + 1] = tostring(ok) .. ' ' .. type(e)
end
local ok, e = pcall(error, { err = 'TXT in table' })
out[#out + 1] = type(e) .. ' ' .. tostring(e)
ok, e = pcall(error, { err = 7 })
out[#out + 1] = type(e)
return out
