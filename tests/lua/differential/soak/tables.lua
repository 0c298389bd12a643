-- Random operations on tables; `seed` and `count` stand before this.
collectgarbage('stop') -- the place of a deleted key depends on when its string was freed
local state = seed
local function random(n) -- 0 .. n - 1
  state = (state * 16807) % 2147483647
  return state % n
end
local out = {}
local function show(v)
  if type(v) == 'table' then return 'T' end
  if type(v) == 'function' then return 'F' end
  return type(v) == 'string' and v or type(v) == 'number' and ('%.17g'):format(v) or tostring(v)
end
local function put(...)
  for i = 1, select('#', ...) do out[#out + 1] = show((select(i, ...))) end
  out[#out + 1] = '\n'
end
local function dump(t)
  local keys = {}
  for k, v in pairs(t) do keys[#keys + 1] = show(k) .. '=' .. show(v) end
  put(#t, table.getn(t), table.maxn(t), table.concat(keys, ' '))
end

local odd = { -0, 0, -1, 0.5, -0.5, 1.5, 2 ^ 31, 2 ^ 31 - 1, 2 ^ 32, 2 ^ 53, 2 ^ 53 - 1, 2 ^ 53 + 2, -2 ^ 53, 1e100, -1e100, 1 / 0, -1 / 0, 1e-300, true, false, '1', '', 'n', 'a', '\0', 1e15, 123456789012 }
local function key()
  local kind = random(10)
  if kind < 5 then return 1 + random(12) end
  if kind < 6 then return random(2000) - 1000 end
  if kind < 8 then return 'k' .. random(40) end
  return odd[1 + random(#odd)]
end
local function value() return random(4) == 0 and 'v' .. random(9) or random(100) end
local function new()
  local kind = random(6)
  if kind == 0 then return {} end
  if kind == 1 then return { 1, 2, 3, nil, 5 } end
  if kind == 2 then return { 1, 2, 3, x = 1, y = 2, [10] = 3, [2.5] = 4 } end
  if kind == 3 then return { nil, nil, 3 } end
  if kind == 4 then return { n = 3, 'a', 'b', unpack({ 1, nil, 3 }, 1, 3) } end
  local t = {}
  for i = 1, random(40) do t[i] = i end
  return t
end

local t
local operations = {
  function() t[key()] = value() end, function() t[key()] = value() end, function() t[key()] = value() end,
  function() t[key()] = nil end, function() t[key()] = nil end,
  function() put(t[key()], rawget(t, key()), t[key()]) end,
  function() put(pcall(table.insert, t, value())) end,
  function() put(pcall(table.insert, t, random(20) - 3, value())) end,
  function() -- a place that is far below 1 as a 32-bit integer would move 2^31 elements
    local k = key()
    if type(k) == 'number' and (k < -1000 or k >= 2 ^ 31) then k = 5 end
    put(pcall(table.insert, t, k, value()))
  end,
  function() put(pcall(table.remove, t)) end,
  function() put(pcall(table.remove, t, random(20) - 3)) end,
  function() put(pcall(table.remove, t, key())) end,
  function() put(pcall(table.concat, t, ',')) end,
  function() put(pcall(table.concat, t, random(3), random(12) - 2, random(12))) end,
  function() put(pcall(function() return unpack(t, random(8) - 2, random(14)) end)) end,
  function() put(select('#', unpack(t, random(8) - 2, random(14)))) end,
  function() -- traverse and delete
    local seen = 0
    for k in pairs(t) do
      seen = seen + 1
      if random(2) == 0 then t[k] = nil end
    end
    put('deleted', seen)
  end,
  function() -- next by hand, assigning nil and new values to existing keys
    local k, v = next(t)
    while k ~= nil do
      t[k] = random(3) ~= 0 and value() or nil
      k, v = next(t, k)
    end
  end,
  function() put(pcall(next, t, key())) end,
  function() for i, v in ipairs(t) do put(i, v) if i == 3 then t[4] = nil end end end,
  function() put(pcall(table.foreach, t, function(k, v) if random(9) == 0 then return k end end)) end,
  function() put(pcall(table.foreachi, t, function(i, v) if random(9) == 0 then return v end end)) end,
  function() put(pcall(table.sort, t)) end,
  function() put(pcall(table.sort, t, function(a, b) return tostring(a) > tostring(b) end)) end,
  function() put(pcall(table.sort, t, function(a, b) return random(2) == 0 end)) end,
  function() put(pcall(table.sort, t, function(a, b) return a ~= nil and (b == nil or tostring(a) < tostring(b)) end)) end,
  function() for i = 1, random(30) do t[#t + 1] = i end end,
  function() for i = #t, random(10), -1 do t[i] = nil end end,
  function() for i = 1, random(20) do t['g' .. i] = i end end,
  function() for i = 1, random(20) do t['g' .. i] = nil end end,
  function() put(pcall(function() t[0 / 0] = 1 end), pcall(function() t[nil] = 1 end), t[0 / 0], t[nil]) end,
  function() put(pcall(rawset, t, key(), value())) end,
  function() t = new() end,
}
for round = 1, count do
  t = new()
  for _ = 1, 5 + random(25) do
    operations[1 + random(#operations)]()
    if random(4) == 0 then dump(t) end
  end
  dump(t)
  if #out > 4000 then
    io.write(table.concat(out, ' '))
    out = {}
  end
end
io.write(table.concat(out, ' '))
