error(redis)
