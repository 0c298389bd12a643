return redis.setresp()
