-- coroutine_ring.lua - a token through a ring, generators, many short lives
local size, hops = 200, 2000000
local ring, passed = {}, 0
for i = 1, size do
  ring[i] = coroutine.create(function(token)
    while true do
      passed = passed + token % 3
      token = coroutine.yield(token + 1)
    end
  end)
end
local token, resume = 0, coroutine.resume
for i = 0, hops - 1 do
  local _, value = resume(ring[i % size + 1], token)
  token = value
end
print(token, passed)
local sum = 0
for i = 1, 40000 do
  for v in coroutine.wrap(function() for k = 1, 5 do coroutine.yield(k * i) end end) do sum = sum + v end
end
print(sum)
