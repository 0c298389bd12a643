-- limit: reply_bytes=1000
-- expect code: LIMIT_REPLY_BYTES
local t = {}
for i = 1, 200 do t[i] = 'item number ' .. i end
return t
