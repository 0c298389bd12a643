-- seed: XADD st 1-1 f v; XADD st 2-1 g w h z
return redis.call('XRANGE', 'st', '-', '+')
