-- json.lua - edits a JSON document kept under a key, atomically.
--
--   KEYS[1] the document (created as {} when absent)
--   ARGV    path, value pairs; a path is dotted (user.address.city), a value is
--           JSON ("Paris", 3, [1,2], null). null removes the member.
--
-- Answer: { the new document, number of members at its top level }
--
--   ferrous-sandboxctl run examples/json.lua doc , user.name '"Ada"' user.age 36
local key = KEYS[1]
if not key then return redis.error_reply('JSON one key is needed: the document') end
if #ARGV % 2 == 1 then return redis.error_reply('JSON path without a value') end

local text = redis.call('GET', key)
local document = text and cjson.decode(text) or {}

local function split(path)
  local parts = {}
  for part in string.gmatch(path, '[^.]+') do parts[#parts + 1] = part end
  return parts
end

local function assign(target, path, value)
  local parts = split(path)
  for i = 1, #parts - 1 do
    local step = parts[i]
    if type(target[step]) ~= 'table' then target[step] = {} end
    target = target[step]
  end
  if value == cjson.null then value = nil end
  target[parts[#parts]] = value
end

for i = 1, #ARGV, 2 do
  local ok, value = pcall(cjson.decode, '[' .. ARGV[i + 1] .. ']')
  if not ok then return redis.error_reply('JSON bad value for ' .. ARGV[i] .. ': ' .. value) end
  assign(document, ARGV[i], value[1])
end

local members = 0
for _ in pairs(document) do members = members + 1 end

local encoded = cjson.encode(document)
redis.call('SET', key, encoded)
return { encoded, members }
