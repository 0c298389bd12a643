-- string_format.lua - the formats that scripts use
local total = 0
for i = 1, 200000 do
  total = total + #string.format('%d', i) + #string.format('%s:%d', 'key', i) + #string.format('%05d', i)
    + #string.format('%.2f', i / 7) + #string.format('%x', i) + #string.format('%-10s|', 'ab') + #string.format('%g', i * 0.5)
end
print(total)
