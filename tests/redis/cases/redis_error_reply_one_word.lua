return redis.error_reply('word')
