-- config: maxmemory 1
return redis.call('set', 'k', 1)
