-- varargs.lua - passing, selecting, packing and unpacking
local function count(...) return select('#', ...) end
local function sum(...)
  local s = 0
  for i = 1, select('#', ...) do s = s + (select(i, ...)) end
  return s
end
local function pass(...) return ... end
local function pack(...) return { n = select('#', ...), ... } end
local function rotate(first, ...) return select(1, ...), first end
local total = 0
for i = 1, 450000 do
  total = total + count(pass(i, i + 1, i + 2)) + sum(i, 2, 3, 4)
  local t = pack(pass(1, 2, i))
  total = total + t.n + t[3] + sum(unpack(t)) + rotate(i, 5)
end
print(total)
