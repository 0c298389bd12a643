-- config: min-replicas-to-write 1
local out = {}
for _, words in ipairs({ { 'get', 'k' }, { 'set', 'k', 1 }, { 'del', 'k' }, { 'ping' } }) do local r = redis.pcall(unpack(words)) out[#out + 1] = type(r) == 'table' and (r.err or r.ok) or tostring(r) end
return out
