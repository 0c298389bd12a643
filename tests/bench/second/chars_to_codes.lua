-- chars_to_codes.lua - string.byte and string.char of many arguments, rot13 and Caesar
local function run()
  local function shift(text, by)
    local codes = { text:byte(1, -1) }
    for i = 1, #codes do
      local c = codes[i]
      if c >= 97 and c <= 122 then codes[i] = (c - 97 + by) % 26 + 97
      elseif c >= 65 and c <= 90 then codes[i] = (c - 65 + by) % 26 + 65 end
    end
    return string.char(unpack(codes))
  end
  local text = 'The Quick Brown Fox Jumps Over The Lazy Dog; it was 12 o\'clock.'
  local t = text
  for i = 1, 9000 do t = shift(t, i % 26) end
  for i = 1, 9000 do t = shift(t, 26 - i % 26) end
  print(t == text, t)
end
for _ = 1, 3 do run() end
