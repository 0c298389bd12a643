-- limit: memory=4m
-- expect code: LIMIT_MEMORY
return #string.rep('abcdefgh', 1e7)
