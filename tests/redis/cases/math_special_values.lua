-- Results at the borders, signs of NaN included: a sealed worker has a libm of its own.
local values = {0, -0, 1/0, -1/0, 0/0, -(0/0), 2, -2, 1e308, -1e308, 5e-324, 0.5, 1e19, 3}
local unary = {'acos', 'asin', 'atan', 'ceil', 'cos', 'cosh', 'deg', 'exp', 'floor', 'frexp', 'log', 'log10', 'modf',
               'rad', 'sin', 'sinh', 'sqrt', 'tan', 'tanh'}
local binary = {'atan2', 'fmod', 'pow', 'ldexp', 'max', 'min'}
local out = {}
local function put(...)
  local parts = {}
  for i = 1, select('#', ...) do parts[i] = tostring((select(i, ...))) end
  out[#out + 1] = table.concat(parts, ' ')
end
for _, x in ipairs(values) do
  for _, name in ipairs(unary) do put(name, x, math[name](x)) end
  for _, y in ipairs(values) do
    for _, name in ipairs(binary) do put(name, x, y, pcall(math[name], x, y)) end
    put(x, y, x + y, x - y, x * y, x / y, x % y, x ^ y)
  end
end
return out
