local out = {}
local function hex(s) return (s:gsub('.', function(c) return ('%02x'):format(c:byte()) end)) end
local function put(...) out[#out + 1] = hex(cmsgpack.pack(...)) end
put({}) put({ 1, 2, 3 }) put({ 1, nil, 3 }) put({ nil, 2 }) put({ [1] = 1, [2] = 2, [4] = 4 }) put({ [0] = 0 }) put({ [-1] = 0 }) put({ [1.5] = 0 })
put({ [2^31] = 0 }) put({ [2^31 - 1] = 0 }) put({ [1] = 1, x = 2 }) put({ [true] = false }) put({ [1e300] = 1 }) put({ ['1'] = 1 })
put(setmetatable({}, { __index = function() return 1 end })) put(setmetatable({ 1, 2 }, { __len = function() return 9 end }))
put(nil) put(nil, nil) put(true, false) put(function() end, coroutine.create(function() end), cjson.null)
put(-0.0, 0/0, -(0/0), 1/0, -1/0, 2^53, 2^53 + 1, 2^63, -2^63, 2^64, 0.1, 1.5, 1e-45, 1e39)
put(127, 128, 255, 256, 65535, 65536, 2^32 - 1, 2^32, -32, -33, -128, -129, -32768, -32769, -2^31, -2^31 - 1)
put('', 'a', ('x'):rep(31), ('x'):rep(32), ('x'):rep(255), ('x'):rep(256)) put('a\0b')
local long = cmsgpack.pack(('y'):rep(65535), ('z'):rep(65536), ('w'):rep(100000))
out[#out + 1] = redis.sha1hex(long) .. #long
local function array(n) local t = {} for i = 1, n do t[i] = i % 7 end return t end
local function map(n) local t = {} for i = 1, n do t[i * 2] = i end return t end
for _, n in ipairs({ 15, 16, 65535, 65536 }) do
  local a, m = cmsgpack.pack(array(n)), cmsgpack.pack(map(n))
  out[#out + 1] = hex(a:sub(1, 8)) .. redis.sha1hex(a) .. ' ' .. hex(m:sub(1, 8)) .. redis.sha1hex(m)
end
for depth = 14, 19 do
  local a, m, k = 1, 1, 1
  for _ = 1, depth do a, m, k = { a }, { x = m }, { [k] = 1 } end
  put(a) put(m) put(k)
end
local loop = {} loop[1] = loop loop[2] = { loop } put(loop)
local grown = {} for i = 1, 10 do grown[i] = i end for i = 10, 4, -1 do grown[i] = nil end put(grown)
local reversed = {} for i = 10, 1, -1 do reversed[i] = i end put(reversed)
local weak = setmetatable({ {}, {} }, { __mode = 'v' }) weak[3] = 'kept' put(#weak == 3 and 'three')
return out
