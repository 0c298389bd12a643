-- coroutine_filters.lua - generators chained by coroutine.wrap: numbers, sieve, pairs, strings
local function run()
  local function numbers(n) return coroutine.wrap(function() for i = 2, n do coroutine.yield(i) end end) end
  local function filter(p, source)
    return coroutine.wrap(function()
      for x in source do if x % p ~= 0 then coroutine.yield(x) end end
    end)
  end
  local sum = 0
  local source = numbers(500)
  while true do
    local prime = source()
    if prime == nil then break end
    sum = sum + prime
    source = filter(prime, source)
  end
  local function words(text) return coroutine.wrap(function() for w in text:gmatch('%a+') do coroutine.yield(w, #w) end end) end
  for i = 1, 6000 do
    for w, n in words('one two three four five six seven') do sum = sum + n end
  end
  print(sum)
end
for _ = 1, 12 do run() end
