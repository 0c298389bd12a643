local out = {}
local function put(...) local t = { ... } for i = 1, #t do t[i] = tostring(t[i]) end out[#out + 1] = #t .. ':' .. table.concat(t, ',') end
put(('abc'):byte()) put(('abc'):byte(2)) put(('abc'):byte(-1)) put(('abc'):byte(1, -1)) put(('abc'):byte(4)) put(('abc'):byte(0)) put(('abc'):byte(3, 1)) put((''):byte()) put(('abc'):byte(-10, 10)) put(string.char()) put(string.char(65, 66)) put(#string.char(0, 255))
put(pcall(string.char, 256)) put(pcall(string.char, -1)) put(pcall(string.char, 'x')) put(pcall(string.char, 65.9)) put(pcall(string.byte)) put(pcall(string.char, 1, 2, 300)) put(string.char('66'))
return out
