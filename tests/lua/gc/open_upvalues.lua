-- a variable stays shared when the closures that shared it die before others are made
local function try(f) pcall(f) end
local a = 1
try(function() a = a + 1 end)
collectgarbage()
local b = 2
try(function() b = b + 1 end)
collectgarbage()
local c = 5
try(function() a = a + 1 b = b + 1 c = c + 1 end)
print(a, b, c) -- expect: 3	4	6
local getters = {}
for i = 1, 50 do
  local v = i
  try(function() v = v + 1 end)
  if i % 10 == 0 then collectgarbage() end
  try(function() v = v + 1 end)
  if i % 5 == 0 then getters[#getters + 1] = function() v = v + 1 return v end end
end
collectgarbage()
print(getters[1](), getters[1](), getters[10](), #getters) -- expect: 8	9	53	10
local co = coroutine.wrap(function()
  local x = 1
  try(function() x = x + 1 end)
  coroutine.yield(x)
  try(function() x = x + 1 end)
  coroutine.yield(x)
  return (function() x = x + 1 return x end)()
end)
local first = co()
collectgarbage()
local second = co()
collectgarbage()
print(first, second, co()) -- expect: 2	3	4
