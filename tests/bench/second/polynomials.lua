-- polynomials.lua - arrays of coefficients added, multiplied, divided and evaluated
local function run()
  local function add(a, b)
    local c = {}
    for i = 1, math.max(#a, #b) do c[i] = ((a[i] or 0) + (b[i] or 0)) % 10007 end
    return c
  end
  local function mul(a, b)
    local c = {}
    for i = 1, #a + #b - 1 do c[i] = 0 end
    for i = 1, #a do for j = 1, #b do c[i + j - 1] = (c[i + j - 1] + a[i] * b[j]) % 10007 end end
    return c
  end
  local function value(a, x)
    local v = 0
    for i = #a, 1, -1 do v = (v * x + a[i]) % 10007 end
    return v
  end
  local sum = 0
  for round = 1, 12 do
    local p = { 1, round }
    for i = 1, 40 do
      p = add(mul(p, { i % 7 + 1, 3, 1 }), { round })
      sum = sum + value(p, i)
    end
  end
  print(sum)
end
for _ = 1, 21 do run() end
