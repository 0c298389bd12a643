local out = {}
local function add(t) out[#out + 1] = t.err end
add(redis.error_reply(5)) add(redis.error_reply({})) add(redis.error_reply()) add(redis.error_reply('a', 'b')) add(redis.error_reply(nil)) add(redis.error_reply(true))
return out
