-- cmsgpack.lua - (needs cjson) MessagePack: short messages, and tables of thousands of values
local sum = 0
for i = 1, 80000 do
  local packed = cmsgpack.pack({ i, 'name', { k = i % 100, on = true } })
  local back = cmsgpack.unpack(packed)
  sum = sum + #packed + back[1] + back[3].k
end
local rows = {}
for i = 1, 4000 do rows[i] = { id = i, price = i / 7, name = 'item ' .. i, list = { i, i + 1, i + 2 } } end
for _ = 1, 12 do
  local packed = cmsgpack.pack(rows)
  sum = sum + #packed + #cmsgpack.unpack(packed)
end
print(sum)
