local t = {}
for _, n in ipairs{ 1, -1, 0, 1.5, 0.1, 1/3, 1e15, 1e16, 1e17, 2^53, 2^62, 1e-5, 100000000000000000000, -0.0, 3.0, 1e100, 123456789.125 } do
  redis.call('SET', 'n', n)
  t[#t + 1] = redis.call('GET', 'n')
end
return t
