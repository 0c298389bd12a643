local out = {}
local function hex(s) return (s:gsub('.', function(c) return ('%02x'):format(c:byte()) end)) end
local values = { 0, -0.0, 1, -1, 1.9, -1.9, 127, 128, 255, 256, -128, -129, 2^31, 2^32, 2^53, 2^53 + 2, 2^62, 2^63, 2^63 + 2048, 2^64 - 2048, 2^64, 2^65, 1e300, -2^31 - 1, -2^62, -2^63, -2^63 - 2048, -2^64, -1e300, 1/0, -1/0, 0/0, -(0/0) }
for _, order in ipairs({ '<', '>' }) do
  for _, option in ipairs({ 'b', 'B', 'h', 'H', 'l', 'L', 'T', 'i', 'I', 'i1', 'I3', 'i5', 'i7', 'I8', 'i9', 'I16', 'i24', 'i32', 'f', 'd' }) do
    local line = { order .. option }
    for _, v in ipairs(values) do line[#line + 1] = hex(struct.pack(order .. option, v)) end
    out[#out + 1] = table.concat(line, ' ')
  end
  local bytes = '\1\2\3\4\5\6\7\8\9\10\11\12\13\14\15\16\17\18\19\20\21\22\23\24\25\26\27\28\29\30\31\32'
  for _, data in ipairs({ bytes, bytes:reverse(), (bytes:gsub('.', function(c) return string.char(255 - c:byte()) end)), ('\128'):rep(32), ('\255'):rep(32), '\128' .. ('\0'):rep(31), ('\0'):rep(31) .. '\128', ('\127\255'):rep(16) }) do
    local line = {}
    for size = 0, 32 do
      for _, letter in ipairs({ 'i', 'I' }) do
        local v = struct.unpack(order .. letter .. size, data)
        line[#line + 1] = ('%.17g'):format(v)
      end
    end
    for _, letter in ipairs({ 'b', 'B', 'h', 'H', 'l', 'L', 'T', 'f', 'd' }) do
      local v = struct.unpack(order .. letter, data)
      line[#line + 1] = v ~= v and tostring(v) or ('%.17g'):format(v)
    end
    out[#out + 1] = table.concat(line, ' ')
  end
end
return out
