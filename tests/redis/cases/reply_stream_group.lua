-- seed: XGROUP CREATE s g $ MKSTREAM; XADD s 5-1 a 1; XADD s 5-2 b 2
local first = redis.call('XREADGROUP', 'GROUP', 'g', 'me', 'COUNT', 1, 'STREAMS', 's', '>')
return { first, redis.call('XACK', 's', 'g', '5-1'), redis.call('XLEN', 's'), redis.call('XREAD', 'STREAMS', 's', '9-9') }
