-- config: maxmemory 1
-- seed: SET k v
local out = {}
for _, words in ipairs({ { 'get', 'k' }, { 'set', 'k', 1 }, { 'lpush', 'l', 1 }, { 'ping' }, { 'del', 'k' } }) do local r = redis.pcall(unpack(words)) out[#out + 1] = type(r) == 'table' and (r.err or r.ok) or tostring(r) end
return out
