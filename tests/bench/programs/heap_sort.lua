-- heap_sort.lua - array exchange with computed indices
local function sift_down(a, root, last)
  local value = a[root]
  while root * 2 <= last do
    local child = root * 2
    if child < last and a[child] < a[child + 1] then child = child + 1 end
    if value >= a[child] then break end
    a[root] = a[child]
    root = child
  end
  a[root] = value
end
local function heap_sort(a, n)
  for i = (n - n % 2) / 2, 1, -1 do sift_down(a, i, n) end
  for last = n, 2, -1 do
    a[1], a[last] = a[last], a[1]
    sift_down(a, 1, last - 1)
  end
end
local seed = 42
local function random() seed = (seed * 16807) % 2147483647 return seed end
local n, sum = 60000, 0
for round = 1, 4 do
  local a = {}
  for i = 1, n do a[i] = random() end
  heap_sort(a, n)
  for i = 2, n do assert(a[i - 1] <= a[i]) end
  sum = sum + a[1] + a[n / 2] + a[n]
end
print(string.format('%.0f', sum))
