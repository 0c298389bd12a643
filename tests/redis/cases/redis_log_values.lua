return { redis.LOG_DEBUG, redis.LOG_VERBOSE, redis.LOG_NOTICE, redis.LOG_WARNING, tostring(redis.log(redis.LOG_DEBUG, 'text')), tostring(redis.log('1', 'a', 'b')), tostring(redis.log(0, {}, 'x')) }
