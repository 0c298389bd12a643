-- seed: MSET a 3 b 1 c 2
local names = { 'a', 'b', 'c' }
table.sort(names, function(x, y) return redis.call('GET', x) < redis.call('GET', y) end)
local text = string.gsub('a+b+c', '%a', function(k) return redis.call('GET', k) end)
return { names, text }
