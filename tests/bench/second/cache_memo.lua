-- cache_memo.lua - memo tables keyed by joined strings, with weak values and counted misses
local function run()
  local misses = 0
  local function memoize(f)
    local memory = setmetatable({}, { __mode = 'k' })
    return function(a, b)
      local key = a .. ':' .. b
      local value = memory[key]
      if value == nil then
        misses = misses + 1
        value = f(a, b)
        memory[key] = value
      end
      return value
    end
  end
  local paths
  paths = memoize(function(a, b)
    if a == 0 or b == 0 then return 1 end
    return (paths(a - 1, b) + paths(a, b - 1)) % 1000007
  end)
  local sum = 0
  for i = 1, 120 do
    for j = 1, 120 do sum = sum + paths(j, i) end
  end
  for i = 1, 6 do
    for j = 1, 120 do for k = 1, 120 do sum = sum + paths(j, k) end end
  end
  print(sum, misses)
end
for _ = 1, 3 do run() end
