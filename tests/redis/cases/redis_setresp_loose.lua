local out = {}
for _, v in ipairs{ '3', 2.9, 3.2, '2' } do local ok, e = pcall(redis.setresp, v) out[#out + 1] = tostring(ok) .. ' ' .. tostring(e) end
return out
