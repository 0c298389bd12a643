-- limit: memory=4m
-- expect code: LIMIT_MEMORY
return #cjson.encode(string.rep('\1', 1500000))
