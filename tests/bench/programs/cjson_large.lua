-- cjson_large.lua - (needs cjson) documents of half a megabyte: strings with escapes, numbers, nesting
local rows = {}
for i = 1, 3000 do
  rows[i] = { id = i, price = i / 7, name = 'item ' .. i, text = 'line one\nline "two"\t' .. ('word '):rep(12), flags = { i % 2 == 0, i % 3 == 0 } }
end
local sum = 0
for _ = 1, 30 do
  local text = cjson.encode(rows)
  local back = cjson.decode(text)
  sum = sum + #back + back[3000].id
end
local plain = cjson.encode(('abcdefghij'):rep(60000))
for _ = 1, 60 do sum = sum + #cjson.decode(plain) end
print(sum)
