-- sieve.lua - array stores and loads, strided loops
local function primes(limit)
  local composite, count, sum = {}, 0, 0
  for i = 1, limit do composite[i] = false end
  for i = 2, limit do
    if not composite[i] then
      count, sum = count + 1, sum + i
      for j = i * i, limit, i do composite[j] = true end
    end
  end
  return count, sum
end
local count, sum
for _ = 1, 50 do count, sum = primes(100000) end
print(count, sum)
