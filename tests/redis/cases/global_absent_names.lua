local out = {}
for _, k in ipairs{ 'print', 'dofile', 'loadfile', 'require', 'module', 'package', 'io', 'debug', 'os', 'getfenv', 'setfenv', 'newproxy' } do out[#out + 1] = k .. ' ' .. type(rawget(_G, k)) end
return out
