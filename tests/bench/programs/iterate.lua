-- iterate.lua - pairs, ipairs, next over arrays and hashes
local array, hash = {}, {}
for i = 1, 1000 do
  array[i] = i
  hash['key' .. i] = i
end
local sum = 0
for round = 1, 2400 do
  for i, v in ipairs(array) do sum = sum + i * v % 3 end
  for k, v in pairs(hash) do sum = sum + v end
  for k, v in pairs(array) do sum = sum + k end
end
for round = 1, 1000 do
  local k, v = next(hash)
  while k do
    sum = sum + v
    k, v = next(hash, k)
  end
end
print(sum)
