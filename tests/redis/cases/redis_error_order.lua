#!lua flags=no-writes
-- Which of several reasons is given: existence, arity, noscript, permission, read-only.
local out = {}
for _, words in ipairs({ { 'nosuch', {} }, { 'nosuch' }, { 'subscribe' }, { 'subscribe', 'x' }, { 'set', 'a' }, { 'set', 'a', 1 }, { 'config', 'set' }, { 'config', 'set', 'a', 'b' }, { 'debug' }, { 'debug', 'x' }, { 'blpop', 'x' }, { 'blpop', 'x', 0 }, { 'restore', 'a' } }) do
  local reply = redis.pcall(unpack(words))
  out[#out + 1] = words[1] .. ' ' .. (type(reply) == 'table' and reply.err or type(reply))
end
return out
