return redis.setresp(4)
