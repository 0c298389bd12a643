return redis.error_reply('My very special table error')
