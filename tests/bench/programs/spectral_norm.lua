-- spectral_norm.lua - numeric calls in nested loops
local function a(i, j)
  local ij = i + j - 1
  return 1 / (ij * (ij - 1) * 0.5 + i)
end
local function multiply(x, y, n)
  for i = 1, n do
    local sum = 0
    for j = 1, n do sum = sum + x[j] * a(i, j) end
    y[i] = sum
  end
end
local function multiply_transposed(x, y, n)
  for i = 1, n do
    local sum = 0
    for j = 1, n do sum = sum + x[j] * a(j, i) end
    y[i] = sum
  end
end
local n, u, v, t = 500, {}, {}, {}
for i = 1, n do u[i] = 1 end
for _ = 1, 5 do
  multiply(u, t, n) multiply_transposed(t, v, n)
  multiply(v, t, n) multiply_transposed(t, u, n)
end
for _ = 1, 3 do
  multiply(u, t, n) multiply_transposed(t, v, n)
end
local vbv, vv = 0, 0
for i = 1, n do vbv, vv = vbv + u[i] * v[i], vv + v[i] * v[i] end
print(string.format('%.9f', math.sqrt(vbv / vv)))
