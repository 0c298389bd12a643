redis.setresp(3)
return false
