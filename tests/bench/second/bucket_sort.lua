-- bucket_sort.lua - table.insert in the middle and table.remove from it, small sorted lists
local function run()
  local seed = 42
  local function random(n)
    seed = (seed * 16807) % 2147483647
    return seed % n
  end
  local buckets = {}
  for i = 0, 199 do buckets[i] = {} end
  local function put(list, value)
    local low, high = 1, #list + 1
    while low < high do
      local middle = math.floor((low + high) / 2)
      if list[middle] < value then low = middle + 1 else high = middle end
    end
    table.insert(list, low, value)
  end
  for i = 1, 40000 do
    local v = random(1000000)
    put(buckets[math.floor(v / 5000)], v)
  end
  local sum, removed = 0, 0
  for i = 0, 199 do
    local list = buckets[i]
    for k = #list, 1, -3 do removed = removed + table.remove(list, k) end
    for k, v in ipairs(list) do sum = (sum * 31 + v + k) % 1000000007 end
  end
  print(sum, removed)
end
for _ = 1, 3 do run() end
