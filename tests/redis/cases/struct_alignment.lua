local out = {}
local function hex(s) return (s:gsub('.', function(c) return ('%02x'):format(c:byte()) end)) end
for _, align in ipairs({ '', '!', '!1', '!2', '!4', '!8', '!16', '!64' }) do
  for _, format in ipairs({ 'bd', 'bi', 'bh', 'bl', 'bi3', 'bi5', 'bi6', 'bi7', 'bi16', 'bi24', 'bbi3', 'bbbi3', 'bbbbi5', 'hi3', 'bf', 'bx', 'bxd', 'bc', 'bcd', 'bcccd', 'bT', 'bbT', 'bi12', 'bbbi12', 'bi31' }) do
    local args = {}
    for letter in format:gmatch('%a') do if letter ~= 'x' then args[#args + 1] = letter == 'c' and 'q' or 1 end end
    local packed = struct.pack(align .. format, unpack(args))
    local got = { struct.unpack(align .. format, packed) }
    for i, v in ipairs(got) do got[i] = tostring(v) end
    out[#out + 1] = align .. format .. ' ' .. struct.size(align .. format) .. ' ' .. hex(packed) .. ' ' .. table.concat(got, ',')
  end
end
for offset = 1, 9 do out[#out + 1] = table.concat({ struct.unpack('!4 bi', ('abcdefgh'):rep(3), offset) }, ',') end
return out
