local ok, e = pcall(redis.setresp, 2, 3)
return { tostring(ok), tostring(e) }
