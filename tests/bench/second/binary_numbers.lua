-- binary_numbers.lua - numbers to bases and back, digit by digit, with tostring, tonumber and string.reverse
local function run()
  local digits = '0123456789abcdefghijklmnopqrstuvwxyz'
  local function to_base(n, base)
    local text = ''
    repeat
      local d = n % base
      text = text .. digits:sub(d + 1, d + 1)
      n = (n - d) / base
    until n == 0
    return text:reverse()
  end
  local sum = 0
  for i = 1, 22000 do
    local binary, odd = to_base(i * 7, 2), to_base(i * 131, 36)
    sum = sum + tonumber(binary, 2) + tonumber(odd, 36) + #binary
    if tostring(i) ~= to_base(i, 10) then sum = -1 end
  end
  print(sum)
end
for _ = 1, 2 do run() end
