-- string_scan.lua - byte, sub, find plain, rep, char
local text = ('The quick brown fox jumps over the lazy dog. '):rep(40)
local hash, pieces, found = 0, 0, 0
for round = 1, 900 do
  for i = 1, #text do hash = (hash * 31 + text:byte(i)) % 16777213 end
  for i = 1, #text - 5, 3 do if text:sub(i, i + 2) == 'fox' then pieces = pieces + 1 end end
  local from = 1
  while true do
    local at = text:find('dog', from, true)
    if not at then break end
    found, from = found + at, at + 1
  end
end
for i = 1, 500000 do
  local c = string.char(i % 256, (i * 7) % 256)
  pieces = pieces + #c + c:byte(2)
end
for i = 1, 100000 do pieces = pieces + #('ab'):rep(i % 50) end
print(hash, pieces, found)
