local r = redis.call('SET', 'a', 1)
return { type(r), r.ok, r.ok == 'OK' and 'yes' or 'no', r, redis.call('PING'), redis.call('TYPE', 'a'), redis.call('TYPE', 'none').ok }
