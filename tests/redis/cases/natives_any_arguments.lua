-- Every function that only Redis has, and every library function as Redis has it, on every
-- combination of kinds of two arguments, with some for a third: a digest of all that comes of it.
local kinds = {
  {'nil', function() return nil end}, {'2', function() return 2 end}, {'"x"', function() return 'x' end},
  {'table', function() return {'b', 'a', 3} end}, {'true', function() return true end},
  {'function', function() return function(...) return ... end end},
  {'-1.5', function() return -1.5 end}, {'"3"', function() return '3' end},
  {'thread', function() return coroutine.create(function(...) return ... end) end},
  {'object', function() return setmetatable({a = 1}, {__tostring = function() return 'O' end}) end},
}
local skipped = {['redis.log'] = true, ['math.random'] = true, ['string.dump'] = true, ['os.clock'] = true, ['coroutine.running'] = true,
                 ['redis.acl_check_cmd'] = true}
local function show(v, depth)
  if type(v) == 'table' and not getmetatable(v) and depth < 3 then
    local parts = {}
    for i = 1, #v do parts[i] = show(v[i], depth + 1) end
    if v.err then parts[#parts + 1] = 'err=' .. tostring(v.err) end
    return '{' .. table.concat(parts, ' ') .. '}'
  end
  return (tostring(v):gsub('user_script:%d+: ', ''):gsub('0x%x+', 'ADDRESS'):gsub('builtin: %x+', 'ADDRESS'))
end
local function shown(...)
  local parts = {}
  for i = 1, select('#', ...) do parts[i] = show((select(i, ...)), 0) end
  return table.concat(parts, ',')
end
local names, functions = {}, {}
local function add(prefix, library)
  for name, f in pairs(library) do
    if type(f) == 'function' and not skipped[prefix .. name] then
      names[#names + 1] = prefix .. name
      functions[prefix .. name] = f
    end
  end
end
add('', {error = error, ipairs = ipairs, load = load, loadstring = loadstring, next = next, rawset = rawset,
         select = select, setmetatable = setmetatable, tonumber = tonumber, unpack = unpack, xpcall = xpcall})
add('string.', string) add('table.', table) add('math.', math) add('coroutine.', coroutine)
add('redis.', redis) add('bit.', bit) add('cjson.', cjson)
table.sort(names)

local out, lines
local function try(name, chosen, n)
  local arguments, labels = {}, {}
  for i = 1, n do arguments[i], labels[i] = kinds[chosen[i]][2](), kinds[chosen[i]][1] end
  local results = shown(pcall(functions[name], unpack(arguments, 1, n)))
  for i = 1, n do results = results .. ' ' .. (type(arguments[i]) == 'table' and show(arguments[i], 0) or '') end
  lines[#lines + 1] = '(' .. table.concat(labels, ', ') .. '): ' .. results
  -- Settings that a call has changed must not change what follows.
  if name:find('^cjson') then
    cjson.encode_keep_buffer(true) cjson.encode_max_depth(1000) cjson.decode_max_depth(1000)
    cjson.encode_invalid_numbers(false) cjson.decode_invalid_numbers(true) cjson.encode_number_precision(14)
    cjson.encode_sparse_array(false, 2, 10)
  end
  if name == 'redis.setresp' then redis.setresp(2) end
  if n == 3 then return end
  for kind = 1, n < 2 and #kinds or 4 do
    chosen[n + 1] = kind
    try(name, chosen, n + 1)
  end
end
out = {}
for _, name in ipairs(names) do
  lines = {}
  try(name, {}, 0)
  if name == ARGV[1] then return lines end
  out[#out + 1] = name .. ' ' .. redis.sha1hex(table.concat(lines, '\n'))
end
return out
