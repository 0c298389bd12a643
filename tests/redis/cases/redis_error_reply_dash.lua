return redis.error_reply('-MYCODE and text')
