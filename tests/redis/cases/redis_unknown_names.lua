-- No name with a NUL: the server compares up to it, so 'get\0' is GET whenever the seeded hash puts both into one bucket.
local out = {}
for _, words in ipairs({ { 'config|get', 'x' }, { 'config', 'nosuch' }, { 'CONFIG', 'NoSuch', 'x' }, { 'object', 'help|x' }, { 'get ', 'x' }, { ' get', 'x' }, { 'get\r\n', 'x' }, { '', '' }, { ('x'):rep(300) }, { 'object' }, { 'memory' }, { 'xinfo' }, { 'command', '' }, { 5 }, { 'é' } }) do
  local reply = redis.pcall(unpack(words))
  out[#out + 1] = type(reply) == 'table' and reply.err or type(reply)
  local ok, err = pcall(redis.call, unpack(words))
  out[#out + 1] = tostring(ok) .. ' ' .. tostring(err)
end
return out
