-- keys: stock:a stock:b stock:c
-- args: 2 1 5
-- seed: MSET stock:a 5 stock:b 1 stock:c 4
local short = {}
for i, key in ipairs(KEYS) do
  local have = tonumber(redis.call('GET', key) or '0')
  if have < tonumber(ARGV[i]) then short[#short + 1] = key .. ' has ' .. have .. ' of ' .. ARGV[i] end
end
if #short > 0 then return { err = 'OUTOFSTOCK ' .. table.concat(short, '; ') } end
for i, key in ipairs(KEYS) do redis.call('DECRBY', key, ARGV[i]) end
return redis.status_reply('RESERVED')
