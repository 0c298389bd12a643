local out = {}
local function put(t) local s = {} for k in pairs(t) do s[#s + 1] = tostring(k) end out[#out + 1] = table.concat(s, ' ') end
local a
a = { nil, nil, nil, x = 1 } a[4] = 4 a[2] = 2 a.y = 2 a[1] = 1 put(a)
a = { f = nil, g = nil, h = nil } a.z = 1 a.y = 2 a.x = 3 a[1] = 1 put(a)
a = { a = 1, a = 2, b = 3 } put(a)
a = { [1] = 'x', 'y', [2] = 'z' } put(a) out[#out + 1] = tostring(a[1])
a = { 1, 2, 3, nil } a[4] = 4 a[5] = 5 put(a)
a = { n = 0, n1 = 1, n2 = 2, n3 = 3, n4 = 4, 1, 2 } a[3] = 3 put(a)
return out
