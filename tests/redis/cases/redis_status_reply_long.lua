-- Lines have no limit of their own, as long as the reply is not too long.
local long = string.rep('x', 1100000)
return {redis.status_reply(long), {err = 'MY ' .. long}, {ok = 'short'}}
