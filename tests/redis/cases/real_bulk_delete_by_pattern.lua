-- args: tmp:*
-- seed: MSET tmp:1 a tmp:2 b keep:1 c tmp:3 d
local cursor, removed = '0', 0
repeat
  local page = redis.call('SCAN', cursor, 'MATCH', ARGV[1], 'COUNT', 10)
  cursor = page[1]
  if #page[2] > 0 then removed = removed + redis.call('DEL', unpack(page[2])) end
until cursor == '0'
return { removed, redis.call('DBSIZE') }
