local out = {}
local function try(src) local f, e = loadstring(src, '=r') out[#out + 1] = f and 'ok' or e end
for _, n in ipairs{ 50, 100, 150, 190, 240, 248, 249, 250, 255, 300 } do
  local names = {}
  for i = 1, n do names[i] = 'a' end
  try('local a = 1 return f(' .. table.concat(names, ',') .. ')')
  try('local a = 1 return ' .. table.concat(names, '..'))
  try('local a = 1 return ' .. table.concat(names, '^'))
  try('local a = 1 return {' .. table.concat(names, ',') .. '}')
  try('local a = 1 a' .. string.rep(',a', n) .. ' = 1')
end
return out
