local out = {}
local function put(...) local t = {} for i = 1, select('#', ...) do t[i] = tostring((select(i, ...))) end out[#out + 1] = table.concat(t, ',') end
local s = 'hello world'
put(s:find('o')) put(s:find('o', 6)) put(s:find('xyz')) put(s:find('')) put(s:find('', 5)) put(s:find('', 20)) put(s:find('', 12)) put(s:find('', 13)) put(s:find('l', -3)) put(s:find('h', -100)) put(s:find('.', 1, true)) put(('a.b'):find('.', 1, true)) put(('a+b'):find('+', 1, true)) put(s:find('o w')) put(('a\0b'):find('\0')) put(('a\0b'):find('b', 1, true)) put((''):find('')) put((''):find('a')) put(s:find('o', '6')) put(s:find('world', 1, 1)) put(s:find('wor', 1, false)) put(('aaa'):find('aaaa', 1, true)) put(('abcabd'):find('abd', 1, true))
return out
