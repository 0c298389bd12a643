local out = {}
local function put(ok, ...) out[#out + 1] = ok and select('#', ...) .. ':' .. tostring((select(select('#', ...), ...))) or tostring((...)) end
for _, n in ipairs({ 10, 7994, 7995, 7996, 7997, 8000, 20000 }) do
  put(pcall(struct.unpack, ('b'):rep(n), ('x'):rep(n)))
  put(pcall(struct.unpack, ('b'):rep(n), ('x'):rep(n), 1))
  put(pcall(struct.unpack, ('b'):rep(n), ('x'):rep(n), 1, 2, 3))
  put(pcall(struct.unpack, ('x'):rep(n), ('x'):rep(n)))
  put(pcall(struct.size, ('bi '):rep(n)))
end
local args = {}
for i = 1, 7000 do args[i] = i end
put(pcall(function() return #struct.pack(('i'):rep(7000), unpack(args)) end))
put(pcall(function() return redis.sha1hex(struct.pack(('s'):rep(7000), unpack(args))) end))
put(pcall(function() return #struct.pack(('c0'):rep(20), unpack({ ('x'):rep(3000), ('y'):rep(30000), ('z'):rep(300000) })) end))
put(pcall(struct.pack, '!8' .. ('bd'):rep(3), 1, 2, 3, 4, 5, 6))
return out
