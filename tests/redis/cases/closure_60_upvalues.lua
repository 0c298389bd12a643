local names, uses = {}, {}
for i = 1, 60 do names[i] = 'v' .. i uses[i] = 'v' .. i end
local src = 'local ' .. table.concat(names, ',') .. ' = ' .. string.rep('1,', 59) .. '1 return function() return ' .. table.concat(uses, '+') .. ' end'
return loadstring(src)()()
