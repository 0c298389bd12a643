-- format_kinds.lua - string.format with every directive, widths, precisions and flags
local function run()
  local n = 0
  local format = string.format
  for i = 1, 12000 do
    n = n + #format('%d|%5d|%-5d|%05d|%+d', i, i, i, i, i)
    n = n + #format('%x|%X|%#x|%o', i, i, i, i)
    n = n + #format('%s|%10s|%-10s|%.2s', 'text', 'right', 'left', 'cut')
    n = n + #format('%.2f|%8.3f|%g|%e', i / 3, i / 7, i / 11, i)
    n = n + #format('%c%c%c|%%|%q', 97 + i % 26, 65 + i % 26, 48 + i % 10, 'a "quoted"\nline')
    n = n + #format('%s %s %s', tostring(i % 2 == 0), tostring(nil), i)
  end
  print(n)
end
for _ = 1, 4 do run() end
