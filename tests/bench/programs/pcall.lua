-- pcall.lua - protected calls that succeed, that fail, that nest
local function fine(x) return x + 1 end
local function bad(x) if x % 4 == 0 then error('bad', 0) end return x end
local function index(t) return t.x.y end
local function nested(n) if n == 0 then error({ depth = 0 }) end local ok, e = pcall(nested, n - 1) e.depth = e.depth + 1 error(e) end
local sum, caught = 0, 0
for i = 1, 1500000 do
  local _, v = pcall(fine, i)
  sum = sum + v
end
for i = 1, 800000 do
  local ok, v = pcall(bad, i)
  if ok then sum = sum + v else caught = caught + #v end
end
for i = 1, 100000 do
  local ok, e = pcall(index, {})
  caught = caught + #e:match(':4: (.*)')
end
for i = 1, 2000 do
  local ok, e = pcall(nested, 20)
  sum = sum + e.depth
end
print(sum, caught)
