-- bit_masks.lua - flags, masks and shifts (needs cjson)
local function run()
  local band, bor, bxor, bnot, lshift, rshift, rol = bit.band, bit.bor, bit.bxor, bit.bnot, bit.lshift, bit.rshift, bit.rol
  local state, sum = 12345, 0
  for i = 1, 400000 do
    state = bxor(state, lshift(state, 13))
    state = bxor(state, rshift(state, 17))
    state = bxor(state, lshift(state, 5))
    if band(state, 255) == 0 then sum = sum + 1 end
    sum = sum + band(bor(state, i), 15) - rshift(bnot(rol(state, 3)), 30)
  end
  print(sum, bit.tohex(state))
end
for _ = 1, 2 do run() end
