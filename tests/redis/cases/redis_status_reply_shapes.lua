local out = {}
for _, s in ipairs{ '', 'a', 'two words', '+plus' } do out[#out + 1] = redis.status_reply(s) end
out[#out + 1] = redis.status_reply(5).err
out[#out + 1] = redis.status_reply().err
out[#out + 1] = redis.status_reply('a', 'b').err
out[#out + 1] = tostring(redis.status_reply('a').ok)
return out
