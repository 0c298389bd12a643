local out = {}
local function try(name, src) local f, e = loadstring(src or 'x = = 1', name) out[#out + 1] = e end
try('=short') try('@file.lua') try('x = 1') try('line one\nline two') try('=' .. string.rep('n', 100)) try('@' .. string.rep('p', 100)) try(string.rep('s', 100)) try('') try('=') try('@') try('\n') try('one line\n') try(nil, 'x = = 1') try(nil, '\nx = = 1')
return out
