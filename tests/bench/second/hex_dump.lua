-- hex_dump.lua - bytes printed as hex and text, and read back
local function run()
  local bytes = {}
  for i = 1, 512 do bytes[i] = string.char(i * 31 % 256) end
  local data = table.concat(bytes)
  local function dump(s)
    local lines = {}
    for at = 1, #s, 16 do
      local piece = s:sub(at, at + 15)
      local hex = piece:gsub('.', function(c) return ('%02x '):format(c:byte()) end)
      lines[#lines + 1] = ('%08x  %-48s %s'):format(at - 1, hex, (piece:gsub('[^%g ]', '.')))
    end
    return table.concat(lines, '\n')
  end
  local function read(hex) return (hex:gsub('%x%x', function(h) return string.char(tonumber(h, 16)) end)) end
  local n = 0
  for i = 1, 60 do n = n + #dump(data) end
  local hex = data:gsub('.', function(c) return ('%02x'):format(c:byte()) end)
  for i = 1, 150 do if read(hex) == data then n = n + 1 end end
  print(n)
end
for _ = 1, 8 do run() end
