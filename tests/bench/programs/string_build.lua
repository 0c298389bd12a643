-- string_build.lua - concatenation, growth by pieces, keys made on the fly
local total = 0
for round = 1, 30 do
  local s = ''
  for i = 1, 1500 do s = s .. i .. ',' end
  total = total + #s
end
local counts = {}
for i = 1, 500000 do
  local key = 'user:' .. i % 500 .. ':hits'
  counts[key] = (counts[key] or 0) + 1
end
for _, n in pairs(counts) do total = total + n end
for i = 1, 250000 do
  local line = 'id=' .. i .. ';name=' .. 'n' .. i % 10 .. ';ok=' .. tostring(i % 2 == 0)
  total = total + #line
end
print(total)
