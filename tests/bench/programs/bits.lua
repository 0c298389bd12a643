-- bits.lua - (needs cjson) FNV and CRC loops of the bit library
local band, bxor, rshift, lshift, bor, tobit = bit.band, bit.bxor, bit.rshift, bit.lshift, bit.bor, bit.tobit
local table_of = {}
for i = 0, 255 do
  local c = i
  for _ = 1, 8 do c = band(c, 1) == 1 and bxor(rshift(c, 1), 0xEDB88320) or rshift(c, 1) end
  table_of[i] = c
end
local text, crc = ('The quick brown fox jumps over the lazy dog'):rep(200), 0
for _ = 1, 80 do
  for i = 1, #text do crc = bxor(table_of[band(bxor(crc, text:byte(i)), 255)], rshift(crc, 8)) end
end
local h = 0
for i = 1, 1600000 do h = tobit(bor(lshift(h, 5), rshift(h, 27)) + i) end
print(crc, h, bit.tohex(h))
