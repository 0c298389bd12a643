-- matmul.lua - nested tables of numbers
local function make(n, f)
  local m = {}
  for i = 1, n do
    local row = {}
    for j = 1, n do row[j] = f(i, j) end
    m[i] = row
  end
  return m
end
local function multiply(a, b, n)
  local t = make(n, function(i, j) return b[j][i] end)
  return make(n, function(i, j)
    local x, y, sum = a[i], t[j], 0
    for k = 1, n do sum = sum + x[k] * y[k] end
    return sum
  end)
end
local n = 150
local a = make(n, function(i, j) return (i - j) * (i + j - 2) / n end)
local b = make(n, function(i, j) return (i * j) % 7 - 3 end)
local c
for _ = 1, 5 do c = multiply(a, b, n) end
local trace = 0
for i = 1, n do trace = trace + c[i][i] end
print(string.format('%.6f %.6f', c[n / 2][n / 3], trace))
