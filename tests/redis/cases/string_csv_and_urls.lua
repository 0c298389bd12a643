local function decode(s) return (s:gsub('+', ' '):gsub('%%(%x%x)', function(h) return string.char(tonumber(h, 16)) end)) end
local function encode(s) return (s:gsub('[^%w%-_%.~]', function(c) return ('%%%02X'):format(c:byte()) end)) end
local q = {}
for k, v in ('a=1&b=hello+world&c=%26%3D&d='):gmatch('([^&=]+)=([^&]*)') do q[#q + 1] = decode(k) .. '=' .. decode(v) end
return { q, encode('a b/c?d=ü&e~f'), decode(encode('round trip ✓')) }
