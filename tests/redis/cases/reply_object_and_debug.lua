-- seed: SET i 12; RPUSH l a
return { redis.call('OBJECT', 'ENCODING', 'i'), redis.call('OBJECT', 'ENCODING', 'l'), redis.call('OBJECT', 'REFCOUNT', 'l') }
