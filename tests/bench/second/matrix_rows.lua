-- matrix_rows.lua - matrices as tables of rows: transposed, multiplied, powers, determinants, with metamethods
local function run()
  local Matrix = {}
  Matrix.__index = Matrix
  local function new(rows) return setmetatable(rows, Matrix) end
  function Matrix.__mul(a, b)
    local c = {}
    for i = 1, #a do
      local row = {}
      for j = 1, #b[1] do
        local s = 0
        for k = 1, #b do s = s + a[i][k] * b[k][j] end
        row[j] = s % 10007
      end
      c[i] = row
    end
    return new(c)
  end
  function Matrix.__add(a, b)
    local c = {}
    for i, row in ipairs(a) do
      c[i] = {}
      for j, x in ipairs(row) do c[i][j] = x + b[i][j] end
    end
    return new(c)
  end
  function Matrix.__eq(a, b)
    for i = 1, #a do for j = 1, #a[i] do if a[i][j] ~= b[i][j] then return false end end end
    return true
  end
  function Matrix:transpose()
    local c = {}
    for i = 1, #self do for j = 1, #self[i] do c[j] = c[j] or {} c[j][i] = self[i][j] end end
    return new(c)
  end
  local function make(n, f) local m = {} for i = 1, n do m[i] = {} for j = 1, n do m[i][j] = f(i, j) end end return new(m) end
  local a, equal = make(12, function(i, j) return (i * j + 3) % 17 end), 0
  local p = a
  for i = 1, 120 do
    p = p * a
    if (p + a):transpose() == a + p then equal = equal + 1 end
  end
  print(p[1][1], p[12][12], equal)
end
for _ = 1, 10 do run() end
