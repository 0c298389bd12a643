-- json.lua - a JSON writer and reader in Lua
local byte, sub, find, format, concat = string.byte, string.sub, string.find, string.format, table.concat
local escapes = { ['"'] = '\\"', ['\\'] = '\\\\', ['\n'] = '\\n', ['\t'] = '\\t' }
local encode
local function encode_string(s) return '"' .. s:gsub('[%c"\\]', escapes) .. '"' end
function encode(v)
  local kind = type(v)
  if kind == 'string' then return encode_string(v) end
  if kind ~= 'table' then return tostring(v) end
  local out = {}
  if #v > 0 or next(v) == nil then
    for i = 1, #v do out[i] = encode(v[i]) end
    return '[' .. concat(out, ',') .. ']'
  end
  local keys = {}
  for k in pairs(v) do keys[#keys + 1] = k end
  table.sort(keys)
  for i, k in ipairs(keys) do out[i] = encode_string(k) .. ':' .. encode(v[k]) end
  return '{' .. concat(out, ',') .. '}'
end
local unescapes = { n = '\n', t = '\t', ['"'] = '"', ['\\'] = '\\' }
local parse
local function skip(s, i) return find(s, '[^ \n\t\r]', i) or #s + 1 end
local function parse_string(s, i)
  local stop = i + 1
  while true do
    local c = byte(s, stop)
    if c == 34 then break end
    stop = stop + (c == 92 and 2 or 1)
  end
  return (sub(s, i + 1, stop - 1):gsub('\\(.)', unescapes)), stop + 1
end
local words = { t = { true, 4 }, f = { false, 5 }, n = { nil, 4 } }
function parse(s, i)
  i = skip(s, i)
  local c = sub(s, i, i)
  if c == '"' then return parse_string(s, i) end
  if c == '{' or c == '[' then
    local out, close = {}, c == '{' and '}' or ']'
    i = skip(s, i + 1)
    if sub(s, i, i) == close then return out, i + 1 end
    while true do
      local key, value = #out + 1
      if c == '{' then
        key, i = parse_string(s, skip(s, i))
        i = skip(s, i) + 1
      end
      value, i = parse(s, i)
      out[key] = value
      i = skip(s, i)
      if sub(s, i, i) == close then return out, i + 1 end
      i = i + 1
    end
  end
  local word = words[c]
  if word then return word[1], i + word[2] end
  local a, b = find(s, '^-?%d+%.?%d*[eE]?[+-]?%d*', i)
  return tonumber(sub(s, a, b)), b + 1
end
local users = {}
for i = 1, 120 do users[i] = { id = i, name = 'user "' .. i .. '"', tags = { 'a', 'b\n', i }, score = i * 1.5, ok = i % 2 == 0, nested = { x = { y = { z = i } } } } end
local length, same = 0, 0
for round = 1, 70 do
  local text = encode(users)
  local copy = parse(text, 1)
  if encode(copy) == text then same = same + 1 end
  length = length + #text
  users[round].id = round * 1000
end
print(length, same)
