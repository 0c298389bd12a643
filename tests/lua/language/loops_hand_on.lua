-- loops_hand_on.lua - numeric loops whose last instruction computes what the first one reads

local s = 0
for i = 1, 5 do s = s + i end
print(s) -- expect: 15

s = 1
for i = 5, 1, -1 do s = s * i end
print(s) -- expect: 120

s = 0
for i = 0, 1, 0.25 do s = i - s end
print(s) -- expect: 0.5

-- The loop's variable itself is what is computed: the loop counts on, whatever becomes of it.
local seen = ''
for i = 1, 3 do
  seen = seen .. i .. ' '
  i = i * 10
end
print(seen) -- expect: 1 2 3 

-- Reached by a jump now and then: then nothing was handed on.
s = 0
for i = 1, 6 do
  s = s + 1
  if i % 2 == 0 then s = s + 100 end
end
print(s) -- expect: 306

-- By a metamethod's result.
local V = {}
V.__index = V
V.__add = function(a, b)
  local sum = 0
  for i = 1, 3 do sum = sum + i end
  return setmetatable({ n = a.n + (type(b) == 'number' and b or b.n) + sum - 6 }, V)
end
local v = setmetatable({ n = 0 }, V)
for i = 1, 4 do v = v + i end
print(v.n) -- expect: 10

-- By text that is a number.
local t = '1'
for i = 1, 3 do t = t * 2 end
print(t) -- expect: 8

-- Loops in loops, where the counter of one is what another has counted last.
s = 0
for i = 1, 3 do
  for j = 1, 3 do s = s + j end
  for j = 1, i do s = s + j end
end
print(s) -- expect: 28

local function count(n)
  local c = 0
  for i = 1, n do c = c + 1 end
  return c
end
s = 0
for i = 1, 4 do s = s + count(i) end
print(s) -- expect: 10

-- A generator that counts while others do.
local co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end return 'end' end)
local list = ''
for i = 1, 4 do list = list .. tostring(co()) .. i .. ' ' end
print(list) -- expect: 11 22 33 end4 

-- An error out of a loop, caught, and another loop.
s = 0
for i = 1, 3 do
  local ok = pcall(function() for j = 1, 9 do s = s + j if j == i then error('out') end end end)
  s = s + (ok and 1000 or 0)
end
print(s) -- expect: 10

for i = 1, 0 do s = s + 1 end
for i = 1 / 0, 0 / 0 do s = s + 1 end
print(s) -- expect: 10
