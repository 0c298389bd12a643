-- args: u1 u2 u3 u2 u1
for _, u in ipairs(ARGV) do redis.call('SADD', 'exact', u) redis.call('PFADD', 'approx', u) end
return { redis.call('SCARD', 'exact'), redis.call('PFCOUNT', 'approx') }
