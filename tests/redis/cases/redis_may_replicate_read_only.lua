#!lua flags=no-writes
local out = {}
for _, words in ipairs({ { 'publish', 'c', 'x' }, { 'spublish', 'c', 'x' }, { 'pfcount', 'x' }, { 'eval', 'return 1', 0 }, { 'set', 'a', 1 }, { 'get', 'a' }, { 'nosuch' }, { 'set' }, { 'fcall', 'f', 0 }, { 'sort', 'x' }, { 'sort_ro', 'x' }, { 'expire', 'nokey', 1 }, { 'del', 'nokey' }, { 'flushall' }, { 'select', '1' }, { 'getex', 'x' }, { 'georadius', 'x', 1, 1, 1, 'm' }, { 'georadius_ro', 'x', 1, 1, 1, 'm' }, { 'touch', 'x' }, { 'xread', 'streams', 'x', '0' }, { 'bitfield', 'x' }, { 'bitfield_ro', 'x' }, { 'subscribe', 'x' } }) do
  local reply = redis.pcall(unpack(words))
  out[#out + 1] = words[1] .. ' ' .. (type(reply) == 'table' and reply.err or type(reply))
end
return out
