local function f(n)
  local a, b, c, d, e, g, h, i = 1, 2, 3, 4, 5, 6, 7, 8
  return a + f(n + 1) + b + c + d + e + g + h + i
end
local ok, e = pcall(f, 1)
return { tostring(ok), e }
