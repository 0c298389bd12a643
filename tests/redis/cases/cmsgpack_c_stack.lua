-- args: x
-- The limits of the C stack's 8000 slots, from both sides.
local out = {}
local function put(ok, ...) out[#out + 1] = ok and (select('#', ...) .. ':' .. tostring((select(select('#', ...), ...)))) or tostring((...)) end
local function packed(ok, s) out[#out + 1] = ok and #s or tostring(s) end
local numbers = {}
for i = 1, 8000 do numbers[i] = i end
for _, n in ipairs({ 3998, 3999, 4000, 4001, 7990 }) do packed(pcall(cmsgpack.pack, unpack(numbers, 1, n))) end
for _, n in ipairs({ 3990, 3994, 3995, 3996, 3997, 3998, 3999 }) do
  local all = { unpack(numbers, 1, n) }
  all[n + 1] = { { { 1 } } }
  packed(pcall(cmsgpack.pack, unpack(all)))
  all[n + 1] = { a = { b = { c = 1 } } }
  packed(pcall(cmsgpack.pack, unpack(all)))
  all[n + 1] = { [{ [{ 1 }] = 2 }] = 3 }
  packed(pcall(cmsgpack.pack, unpack(all)))
end
for _, n in ipairs({ 7998, 7999, 8000, 8001, 20000 }) do
  put(pcall(cmsgpack.unpack, ('\1'):rep(n)))
  put(pcall(cmsgpack.unpack_limit, ('\1'):rep(n), 100000))
  put(pcall(cmsgpack.unpack_limit, ('\1'):rep(n), 7998))
  put(pcall(cmsgpack.unpack, ('\1'):rep(n), 1, 2, 3))
end
local function depth(t) local n = 0 while type(t) == 'table' do n, t = n + 1, t[1] or next(t) end return n end
local function nested(ok, t) out[#out + 1] = ok and type(t) or tostring(t) end
for _, n in ipairs({ 100, 3998, 3999, 4000, 4001, 5000 }) do
  nested(pcall(cmsgpack.unpack, ('\145'):rep(n) .. '\1'))
  nested(pcall(cmsgpack.unpack, ('\145'):rep(n) .. '\144'))
  nested(pcall(cmsgpack.unpack, ('\145'):rep(n)))
end
for _, n in ipairs({ 100, 3998, 3999, 4000, 4001 }) do
  nested(pcall(cmsgpack.unpack, ('\129\1'):rep(n) .. '\1'))
  nested(pcall(cmsgpack.unpack, ('\129\1'):rep(n) .. '\128'))
  nested(pcall(cmsgpack.unpack, ('\129\1'):rep(n) .. '\144'))
end
for _, n in ipairs({ 7997, 7998, 7999, 8000, 9000 }) do
  nested(pcall(cmsgpack.unpack, ('\129'):rep(n) .. '\1' .. ('\1'):rep(n)))
  nested(pcall(cmsgpack.unpack, ('\129'):rep(n) .. '\1'))
end
out[#out + 1] = depth(cmsgpack.unpack(('\145'):rep(3000) .. '\1'))
return out
