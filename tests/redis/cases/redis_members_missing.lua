return { tostring(redis.nope), tostring(string.nope), tostring(cjson.nope), type(redis.call), type(redis.pcall), type(redis.sha1hex), type(redis.breakpoint), type(redis.debug) }
