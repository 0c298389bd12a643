local out = {}
local function put(...) local t = {} for i = 1, select('#', ...) do t[i] = tostring((select(i, ...))) end out[#out + 1] = table.concat(t, ',') end
put(('aaaaaaaaab'):match('a*a*a*b')) put(('aaaaaaaaac'):match('a-a-a-b')) put(('xay'):match('x(a*)y')) put(('abcde'):match('(a)(.-)(e)')) put(('<<a>>'):match('<(.-)>')) put(('<<a>>'):match('<(.*)>')) put(('if x then y end'):match('if (.-) then (.-) end')) put(('aab'):match('a?a?a?b')) put(('aXaXb'):match('(.*)X(.*)')) put(('((a)(b))'):match('%b()')) put(('(a'):match('%b()')) put(('a)(b)'):match('%b()')) put(('abab'):match('(ab)%1')) put(('word word'):match('(%w+) %1')) put(('aaa'):find('a-', 2)) put(('aaa'):find('a-$')) put(string.rep('a', 1000):match('.-b')) put(#string.rep('a', 1000):match('.*'))
return out
