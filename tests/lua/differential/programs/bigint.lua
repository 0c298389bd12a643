-- bigint.lua - factorials and Fibonacci numbers in base 10000000 with metatables
local Big = {} Big.__index = Big
local BASE, WIDTH = 10000000, 7
local function big(n) local t = setmetatable({}, Big) repeat t[#t + 1] = n % BASE n = math.floor(n / BASE) until n == 0 return t end
Big.__add = function(a, b)
  local r, carry = setmetatable({}, Big), 0
  for i = 1, math.max(#a, #b) do
    local s = (a[i] or 0) + (b[i] or 0) + carry
    r[i], carry = s % BASE, math.floor(s / BASE)
  end
  if carry > 0 then r[#r + 1] = carry end
  return r
end
Big.__mul = function(a, b)
  if type(b) == 'number' then b = big(b) end
  local r = setmetatable({}, Big)
  for i = 1, #a + #b do r[i] = 0 end
  for i = 1, #a do
    local carry = 0
    for j = 1, #b do
      local s = r[i + j - 1] + a[i] * b[j] + carry
      r[i + j - 1], carry = s % BASE, math.floor(s / BASE)
    end
    local k = i + #b
    while carry > 0 do
      local s = r[k] + carry
      r[k], carry = s % BASE, math.floor(s / BASE)
      k = k + 1
    end
  end
  while #r > 1 and r[#r] == 0 do r[#r] = nil end
  return r
end
Big.__tostring = function(a)
  local parts = { tostring(a[#a]) }
  for i = #a - 1, 1, -1 do parts[#parts + 1] = ('%0' .. WIDTH .. 'd'):format(a[i]) end
  return table.concat(parts)
end
Big.__eq = function(a, b) return tostring(a) == tostring(b) end
Big.__lt = function(a, b) if #a ~= #b then return #a < #b end for i = #a, 1, -1 do if a[i] ~= b[i] then return a[i] < b[i] end end return false end
local f = big(1)
for i = 1, 60 do f = f * i if i % 10 == 0 then print(i, tostring(f)) end end
local a, b = big(0), big(1)
for i = 1, 300 do a, b = b, a + b end
print(tostring(a), a < b, a == b, b > a, a <= b)
local p = big(1)
for i = 1, 200 do p = p * 2 end
print(tostring(p), #tostring(p))
