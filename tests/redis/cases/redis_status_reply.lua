return redis.status_reply('GOOD')
