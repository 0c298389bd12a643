redis.setresp(3)
redis.setresp(2)
return { true, false }
