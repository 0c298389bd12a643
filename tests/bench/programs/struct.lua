-- struct.lua - (needs cjson) records of integers, doubles and strings to bytes and back
local sum = 0
for i = 1, 450000 do
  local packed = struct.pack('>I4i2ds', i, i % 1000, i / 3, 'name')
  local a, b, c, d, at = struct.unpack('>I4i2ds', packed)
  sum = sum + a + b + #d + at
end
for i = 1, 450000 do sum = sum + struct.unpack('<H', struct.pack('<H', i % 65536)) end
print(sum)
