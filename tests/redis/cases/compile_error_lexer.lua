local out = {}
local function try(src) local f, e = loadstring(src, '=s') out[#out + 1] = src .. ' >> ' .. (f and 'ok' or e) end
try('x = "abc') try("x = 'abc") try('x = "abc\ndef"') try('x = [[abc') try('x = [==[abc]]') try('x = [=abc') try('x = [=[') try('--[[ abc') try('--[==[ abc ]]') try('x = "\\256"') try('x = "\\999"') try('x = "\\"') try('x = 1e') try('x = 1e+') try('x = 0x') try('x = 0xfg') try('x = 1.2.3') try('x = 1..') try('x = .') try('x = .5') try('x = 5.') try('x = 3in') try('x = 08') try('x = 1e5x') try('x = 1_000') try('x = 0b1') try('x = 1e400') try('x = 0x1p4') try('x = 1E+2')
try('x = \1') try('x = \127') try('x = \200') try('\0') try('x = "a\0b"') try('x = 1\0') try('x = "' .. string.rep('a', 100)) try('x = y.' .. string.rep('b', 100) .. ' 1') try('#x') try('#!shebang\nx = 1') try('\nx = = 1') try('\n\n\nx = "a\n"') try('x = "a\\\nb" = 1') try('x = [[\n\n]] = 1') try('\r\nx = = 1') try('\n\rx = = 1') try('\rx = = 1') try('--c\nx = = 1')
return out
