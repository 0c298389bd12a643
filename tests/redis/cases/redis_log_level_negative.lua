local ok, e = pcall(redis.log, -1, 'text')
return { tostring(ok), e }
