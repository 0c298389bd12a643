local all = {}
for i = 0, 255 do all[#all + 1] = string.char(i) end
local s = table.concat(all)
redis.call('SET', 'bin', s)
local back = redis.call('GET', 'bin')
return { #back, tostring(back == s), back }
