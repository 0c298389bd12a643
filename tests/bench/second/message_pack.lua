-- message_pack.lua - records through cmsgpack and struct and back (needs cjson)
local function run()
  local n = 0
  for i = 1, 12000 do
    local packed = cmsgpack.pack({ i, 'name' .. i, { x = i / 2, y = -i }, true })
    local back = cmsgpack.unpack(packed)
    n = n + #packed + back[1] + back[3].x
    local head = struct.pack('>I2I4dc4', i % 65536, i, i / 3, 'abcd')
    local a, b, c, d = struct.unpack('>I2I4dc4', head)
    n = n + a + b + #d + #head
  end
  print(n)
end
for _ = 1, 4 do run() end
