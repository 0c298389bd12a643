-- number_parsing.lua - tonumber of decimal, hexadecimal, fractional and wrong texts; tostring of the results
local function run()
  local texts = { '12', '-7', '3.25', '1e3', '0x1F', '  42  ', '1.5e-3', '.5', '5.', 'abc', '', '12abc', '0x', '1e' }
  local sum, wrong, size = 0, 0, 0
  for i = 1, 12000 do
    for k = 1, #texts do
      local n = tonumber(texts[k])
      if n then sum = sum + n size = size + #tostring(n + i) else wrong = wrong + 1 end
    end
  end
  print(('%.3f'):format(sum), wrong, size)
end
for _ = 1, 3 do run() end
