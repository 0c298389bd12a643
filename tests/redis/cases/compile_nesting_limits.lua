local out = {}
local function try(src) local f, e = loadstring(src, '=n') out[#out + 1] = f and 'ok' or e end
for _, n in ipairs{ 100, 190, 196, 197, 198, 199, 200, 201, 250 } do
  try('return ' .. string.rep('(', n) .. '1' .. string.rep(')', n))
  try(string.rep('do ', n) .. string.rep(' end', n))
  try('return ' .. string.rep('{', n) .. string.rep('}', n))
  try('return ' .. string.rep('-', n) .. '1')
  try('return ' .. string.rep('not ', n) .. '1')
  try('return ' .. string.rep('function() return ', n) .. '1' .. string.rep(' end', n))
end
return out
