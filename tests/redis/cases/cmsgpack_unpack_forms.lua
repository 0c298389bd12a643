local out = {}
local function show(v)
  if type(v) == 'number' then return v ~= v and tostring(v) or ('%.17g'):format(v) end
  if type(v) ~= 'table' then return type(v) .. ' ' .. tostring(v) end
  local t = {}
  for k, x in pairs(v) do t[#t + 1] = show(k) .. '=' .. show(x) end
  return '{' .. table.concat(t, ' ') .. '}#' .. #v
end
local function put(s)
  local t = { pcall(cmsgpack.unpack, s) }
  for i = 1, #t do t[i] = show(t[i]) end
  out[#out + 1] = table.concat(t, ' ')
end
for first = 0, 255 do put(string.char(first)) put(string.char(first) .. ('\0'):rep(8)) put(string.char(first) .. ('\255'):rep(8)) put(string.char(first) .. '\0\0\0\2\1\2\3\4\5\6\7\8') end
put('\147\1\192\3') put('\220\0\0') put('\221\0\0\0\0') put('\222\0\1\1\1') put('\223\0\0\0\1\1\1') put('\130\1\1\1\2') put('\130\1\192\2\192')
put('\203\0\0\0\0\0\0\0\1') put('\203\127\240\0\0\0\0\0\1') put('\203\255\240\0\0\0\0\0\1') put('\202\127\128\0\1') put('\202\255\128\0\1') put('\202\255\192\0\0')
put('\207\255\255\255\255\255\255\255\255') put('\207\0\32\0\0\0\0\0\1') put('\211\128\0\0\0\0\0\0\0') put('\129\203\128\0\0\0\0\0\0\0\1') put('\130\0\1\203\128\0\0\0\0\0\0\0\2')
put('\129\193\1') put('\145\193') put('\145\217\5ab') put('\219\255\255\255\255a') put('\221\255\255\255\255\1') put('\223\255\255\255\255\1\1')
return out
