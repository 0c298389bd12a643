-- seed: SET s x
return { 'before', redis.pcall('LPUSH', 's', 1), 'after' }
