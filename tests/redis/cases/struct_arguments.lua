local out = {}
local function hex(s) return (s:gsub('.', function(c) return ('%02x'):format(c:byte()) end)) end
local function put(ok, ...)
  local t = {}
  for i = 1, select('#', ...) do local v = (select(i, ...)) t[i] = type(v) == 'number' and ('%.17g'):format(v) or tostring(v) end
  out[#out + 1] = tostring(ok) .. ' ' .. (ok and hex(table.concat(t, ',')) or table.concat(t, ','))
end
for _, f in ipairs({ struct.pack, struct.unpack, struct.size }) do
  put(pcall(f)) put(pcall(f, nil)) put(pcall(f, {})) put(pcall(f, '')) put(pcall(f, '', '')) put(pcall(f, 5)) put(pcall(f, 'z')) put(pcall(f, '\200')) put(pcall(f, 'i', '')) put(pcall(f, 'b\0z', 1))
  for _, format in ipairs({ '!0', '!3', '!2147483647', '!2147483648', '!1073741824', 'i33', 'i0', 'I32', 'i2147483648', 'c2147483647', 'c99999999999', 'i99999999999', 's', 'c0', 'c1', 'c', 'cc', '@', '=', '#', 'j', 'J', '9', ' > < ' }) do
    put(pcall(f, format)) put(pcall(f, format, 'abcdefgh')) put(pcall(f, format, 1, 2))
  end
end
put(pcall(struct.pack, 'i')) put(pcall(struct.pack, 'ii', 1)) put(pcall(struct.pack, 's')) put(pcall(struct.pack, 'i', 'x')) put(pcall(struct.pack, 'i', '0x10')) put(pcall(struct.pack, 'i', {})) put(pcall(struct.pack, 'c5', 'abc')) put(pcall(struct.pack, 'bc5', 1, 'abc')) put(pcall(struct.pack, 'd', nil)) put(pcall(struct.pack, 'b', 1, 2, 3))
put(pcall(struct.unpack, 'i')) put(pcall(struct.unpack, 'i', 'abc')) put(pcall(struct.unpack, 'i', 'abcd', 0)) put(pcall(struct.unpack, 'i', 'abcd', 1)) put(pcall(struct.unpack, 'i', 'abcd', 2)) put(pcall(struct.unpack, 'i', 'abcd', -1)) put(pcall(struct.unpack, '', 'abcd', -1)) put(pcall(struct.unpack, '', 'abcd', 100)) put(pcall(struct.unpack, '', '', 0/0)) put(pcall(struct.unpack, 'b', 'abcd', 2.9)) put(pcall(struct.unpack, 'b', 'abcd', 'x')) put(pcall(struct.unpack, 'b', 'abcd', nil)) put(pcall(struct.unpack, 'b', 97)) put(pcall(struct.unpack, '!8bd', ('a'):rep(20), -1)) put(pcall(struct.unpack, '!2 h', 'abcd', -1))
put(pcall(struct.unpack, 'c0', 'abc')) put(pcall(struct.unpack, 'bc0', '\3abc')) put(pcall(struct.unpack, 'bc0', '\4abc')) put(pcall(struct.unpack, 'bc0', '\255abc')) put(pcall(struct.unpack, 'Bc0', '\255abc')) put(pcall(struct.unpack, 'sc0', '3\0abc')) put(pcall(struct.unpack, 'sc0', 'x\0abc')) put(pcall(struct.unpack, 'c0c0', 'abc')) put(pcall(struct.unpack, 'bc0c0', '\1abc')) put(pcall(struct.unpack, 'bc0c0', '\0012abc')) put(pcall(struct.unpack, 'dc0', struct.pack('d', 2.7) .. 'abc')) put(pcall(struct.unpack, 'dc0', struct.pack('d', -0.5) .. 'abc')) put(pcall(struct.unpack, 'dc0', struct.pack('d', 2^64) .. 'abc')) put(pcall(struct.unpack, 'dc0', struct.pack('d', 0/0) .. 'abc')) put(pcall(struct.unpack, 'bxc0', '\1xabc'))
put(pcall(struct.unpack, 's', 'abc')) put(pcall(struct.unpack, 's', 'abc\0def')) put(pcall(struct.unpack, 'ss', 'abc\0def')) put(pcall(struct.unpack, 's', '')) put(pcall(struct.unpack, 's', 'abc\0', 4)) put(pcall(struct.unpack, 's', 'abc\0', 5)) put(pcall(struct.unpack, 's', 'abc\0', 6))
put(pcall(function() return struct:pack('i') end)) put(pcall(function() return struct.pack('i') end)) put(pcall(function() return struct.unpack('i33', '') end)) put(pcall(function() return struct.pack('s', nil) end)) put(pcall(function() return struct:size() end))
return out
