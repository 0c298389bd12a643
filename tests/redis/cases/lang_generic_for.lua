local out = {}
for i, v in ipairs{ 'a', 'b', nil, 'd' } do out[#out + 1] = i .. v end
for k, v in next, { 5, 6 } do out[#out + 1] = k .. ':' .. v end
local function iter(s, c) if c < s then return c + 1, c * c end end
for i, sq in iter, 4, 0 do out[#out + 1] = i .. '=' .. sq end
for w in string.gmatch('one two  three', '%a+') do out[#out + 1] = w end
for a, b, c, d in (function() local done return function() if not done then done = true return 1, 2 end end end)() do out[#out + 1] = tostring(a) .. tostring(b) .. tostring(c) .. tostring(d) end
return out
