-- seed: SADD e:a b c; SADD e:b d; SADD e:c d e; SADD e:d f; SADD e:e f
-- args: a f
local queue, seen, from = { ARGV[1] }, { [ARGV[1]] = true }, {}
local head = 1
while queue[head] do
  local node = queue[head] head = head + 1
  if node == ARGV[2] then local path = {} while node do table.insert(path, 1, node) node = from[node] end return path end
  local nexts = redis.call('SMEMBERS', 'e:' .. node)
  table.sort(nexts)
  for _, n in ipairs(nexts) do if not seen[n] then seen[n] = true from[n] = node queue[#queue + 1] = n end end
end
return redis.error_reply('NOPATH')
