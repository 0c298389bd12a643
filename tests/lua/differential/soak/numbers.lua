-- Random numbers and texts through every conversion; `seed` and `count` stand before this.
local state = seed
local function random(n) -- 0 .. n - 1
  state = (state * 16807) % 2147483647
  return state % n
end
local out = {}
local function put(...)
  local n = select('#', ...)
  for i = 1, n do
    local v = select(i, ...)
    out[#out + 1] = type(v) == 'number' and ('%.17g'):format(v) or tostring(v)
  end
  out[#out + 1] = '\n'
  if #out > 4000 then
    io.write(table.concat(out, ' '))
    out = {}
  end
end

local borders = { 0, 1, 0.5, 1e14, 1e15, 1e16, 99999999999999, 999999999999999, 2 ^ 31, 2 ^ 32, 2 ^ 52, 2 ^ 53, 2 ^ 63, 2 ^ 64, 5e-324,
                  2.2250738585072014e-308, 1.7976931348623157e308, 0.1, 1 / 3, 1e100, 1e-100, 9.5, 99.5, 0.00001, 0.0001, 1 / 0, 0 / 0 }
local function mantissa() return (random(2147483646) * 4194304 + random(4194304)) / 2 ^ 53 end
local kinds = {
  function() return math.ldexp(mantissa(), random(2100) - 1074) end, -- every magnitude, denormals too
  function() return math.ldexp(mantissa(), random(2100) - 1074) end,
  function() return math.floor(math.ldexp(mantissa(), random(70))) end,
  function() return (random(2000000) - 1000000) / 10 ^ random(9) end,
  function() return borders[1 + random(#borders)] * (1 + (random(5) - 2) * 2 ^ -52) end,
  function() return borders[1 + random(#borders)] + random(3) - 1 end,
  function() return random(200) + random(10) / 10 end,
  function() return 10 ^ (random(640) - 325) end,
}
local function number()
  local n = kinds[1 + random(#kinds)]()
  return random(3) == 0 and -n or n
end

local letters = { '0', '1', '2', '5', '9', '9', '.', 'e', 'E', '+', '-', 'x', 'X', 'a', 'f', 'p', ' ', '\t', '\n', '0x', '00', 'inf', 'nan', '\0', 'n', '_' }
local function text()
  local kind = random(5)
  if kind == 0 then return tostring(number()) end
  if kind == 1 then return ('%.17g'):format(number()) end
  if kind == 2 then return ('0x%x'):format(random(2147483646)) .. (random(3) == 0 and ('%x'):format(random(2147483646)) or '') end
  if kind == 3 then return ('%d%sE%d'):format(random(100000), random(2) == 0 and '.' .. random(100000) or '', random(700) - 350) end
  local pieces = {}
  for i = 1, 1 + random(8) do pieces[i] = letters[1 + random(#letters)] end
  return table.concat(pieces)
end

local conversions = { 'd', 'i', 'u', 'o', 'x', 'X', 'e', 'E', 'f', 'g', 'G', 'c' }
local function specification()
  local flags = ''
  for flag in ('-+ #0'):gmatch('.') do if random(6) == 0 then flags = flags .. flag end end
  local width = random(3) == 0 and tostring(random(40)) or ''
  local precision = random(3) == 0 and '.' .. random(40) or random(12) == 0 and '.' or ''
  return '%' .. flags .. width .. precision .. conversions[1 + random(#conversions)]
end

for _ = 1, count do
  local n, m, s = number(), number(), text()
  put(n, tostring(n), n .. '', tonumber(tostring(n)), tonumber(('%.17g'):format(n)) == n)
  put(s:gsub('[%z\n]', '?'), tonumber(s), pcall(function() return s + 0 end))
  put(loadstring('return ' .. s) ~= nil and s:find('^[%w.+-]+$') and pcall(loadstring('return ' .. s)))
  put(tonumber(s, 2 + random(35)), tonumber(tostring(random(2147483646)), 2 + random(35)))
  local spec = specification()
  local shown = spec:find('[diuoxXc]$') and math.abs(n) >= 2 ^ 62 and 7 or n
  put(spec, pcall(string.format, spec, shown))
  put(('%.14g %5.3g %g %q'):format(n, n, n, s))
  put(n < m, n <= m, n == m, n + m, n - m, n * m, n / m, n % m, -n, math.floor(n), math.ceil(n), math.modf(n))
  put(math.fmod(n, m), math.frexp(n), math.max(n, m), math.min(n, m), math.abs(n))
end
io.write(table.concat(out, ' '))
