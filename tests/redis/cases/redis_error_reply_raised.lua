error(redis.error_reply('MYCODE raised by hand'))
