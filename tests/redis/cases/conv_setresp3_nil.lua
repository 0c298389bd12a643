redis.setresp(3)
return nil
