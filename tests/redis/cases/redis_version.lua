return { redis.REDIS_VERSION, redis.REDIS_VERSION_NUM }
