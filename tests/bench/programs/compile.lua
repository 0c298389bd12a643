-- compile.lua - loadstring of a large source, again and again
local parts = {}
for i = 1, 150 do
  parts[i] = ([[
local function handler_%d(self, key, value, ...)
  -- keeps a running count for every key
  if not key or key == '' then return nil, 'key missing' end
  local t = { name = key, value = value, n = %d, list = { 1, 2, 3, 'four', [10] = 5.5 } }
  for i = 1, #t.list do
    if t.list[i] == value and i %% 2 == 0 then t.n = t.n + i * 2 - 1 elseif i > 3 then break end
  end
  local function inner(a, b) return (a or 0) + (b or 0) * t.n .. ":" .. tostring(select('#', a, b)) end
  repeat t.n = t.n - 1 until t.n < 0 or not self
  while t.n < 3 do t.n = t.n + 1 end
  return inner(t.n, #key), { inner = inner, ok = value ~= nil and value or false }
end
self_%d = handler_%d]]):format(i, i, i, i)
end
local source = 'return function() ' .. table.concat(parts, '\n') .. '\nreturn ' .. #parts .. ' end'
local sum = 0
for round = 1, 120 do
  local f = assert(loadstring(source .. ' -- ' .. round))
  sum = sum + #source + (type(f()) == 'function' and 1 or 0)
end
print(sum)
