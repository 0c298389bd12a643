local out = {}
for k, v in pairs(cmsgpack) do out[#out + 1] = k .. '=' .. (type(v) == 'function' and 'function' or v) end
return out
