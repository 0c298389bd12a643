-- user: +@all -incr -config|get ~a* %R~r* &ch*
-- seed: SET a1 1; SET r1 1; SET b1 1
local out = {}
for _, words in ipairs({ { 'get', 'a1' }, { 'set', 'a1', 2 }, { 'incr', 'a1' }, { 'get', 'b1' }, { 'set', 'b1', 2 }, { 'get', 'r1' }, { 'set', 'r1', 2 }, { 'mget', 'a1', 'b1' }, { 'publish', 'ch1', 'x' }, { 'publish', 'other', 'x' }, { 'incr' }, { 'nosuch' }, { 'subscribe', 'other' }, { 'ping' }, { 'copy', 'r1', 'a2' }, { 'copy', 'a1', 'r2' }, { 'eval', 'return 1', 0 }, { 'object', 'encoding', 'b1' }, { 'keys', 'nosuch*' }, { 'rename', 'a1', 'b2' } }) do
  local reply = redis.pcall(unpack(words))
  out[#out + 1] = table.concat(words, ' ') .. ' ' .. (type(reply) == 'table' and (reply.err or reply.ok or #reply) or tostring(reply))
  local ok, may = pcall(redis.acl_check_cmd, unpack(words))
  out[#out + 1] = tostring(ok) .. ' ' .. tostring(may)
end
return out
