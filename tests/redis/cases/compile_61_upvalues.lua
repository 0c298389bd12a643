local names = {}
for i = 1, 61 do names[i] = 'v' .. i end
local src = 'local ' .. table.concat(names, ',') .. '\nreturn function() return ' .. table.concat(names, '+') .. ' end'
local f, e = loadstring(src, '@up')
return { tostring(f), e }
