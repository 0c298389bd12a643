local out = {}
local function count(n, make, cmp)
  local t, c = {}, 0
  for i = 1, n do t[i] = make(i) end
  table.sort(t, function(a, b) c = c + 1 return cmp(a, b) end)
  out[#out + 1] = n .. ':' .. c .. ':' .. table.concat(t, ',', 1, math.min(n, 12))
end
for _, n in ipairs{ 0, 1, 2, 3, 4, 5, 10, 50, 100, 101 } do
  count(n, function(i) return i end, function(a, b) return a < b end)
  count(n, function(i) return n - i end, function(a, b) return a < b end)
  count(n, function(i) return 7 end, function(a, b) return a < b end)
  count(n, function(i) return (i * 7919) % 101 end, function(a, b) return a < b end)
  count(n, function(i) return (i * 7919) % 101 end, function(a, b) return a > b end)
  count(n, function(i) return i % 5 end, function(a, b) return a < b end)
end
return out
