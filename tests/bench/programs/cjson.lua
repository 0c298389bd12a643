-- cjson.lua - the built-in JSON library (needs cjson)
local users = {}
for i = 1, 200 do users[i] = { id = i, name = 'user "' .. i .. '"', tags = { 'a', 'b\n', i }, score = i * 1.5, ok = i % 2 == 0, nested = { x = { y = { z = i } } } } end
local length = 0
for round = 1, 500 do
  local text = cjson.encode(users)
  local copy = cjson.decode(text)
  length = length + #text + #copy + copy[round % 200 + 1].nested.x.y.z
end
print(length)
