local src = {}
for i = 1, 201 do src[i] = 'local a' .. i .. ' = ' .. i end
local f, e = loadstring(table.concat(src, '\n'), '@many')
local g, e2 = loadstring('function f() ' .. table.concat(src, ' ') .. ' end', '@many')
src[201] = nil
return { tostring(f), e, e2, type(loadstring(table.concat(src, '\n'))) }
