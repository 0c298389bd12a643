-- seed: SET b foobar
return { redis.call('GETBIT', 'b', 3), redis.call('BITCOUNT', 'b'), redis.call('BITFIELD', 'b', 'INCRBY', 'u8', 0, 200, 'OVERFLOW', 'FAIL', 'INCRBY', 'u8', 0, 200) }
