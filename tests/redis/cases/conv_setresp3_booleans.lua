redis.setresp(3)
return { true, false, { true }, nil, 1 }
