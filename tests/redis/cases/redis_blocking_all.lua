-- seed: RPUSH l a b c; ZADD z 1 m 2 n; XADD s 1-1 f v; XGROUP CREATE s g 0; SADD notalist x
local out = {}
local function show(v)
  if type(v) ~= 'table' then return tostring(v) end
  if v.err then return 'err ' .. v.err end
  local t = {}
  for i = 1, #v do t[i] = show(v[i]) end
  return '{' .. table.concat(t, ',') .. '}'
end
for _, words in ipairs({ { 'blpop', 'none', 0 }, { 'blpop', 'l', 0 }, { 'brpop', 'none', 0 }, { 'blmove', 'none', 'x', 'left', 'left', 0 }, { 'brpoplpush', 'none', 'x', 0 }, { 'bzpopmin', 'none', 0 }, { 'bzpopmax', 'none', 0 }, { 'wait', 0, 0 },
  { 'blmpop', 0, 1, 'none', 'left' }, { 'blmpop', 0, 1, 'l', 'left' }, { 'blmpop', 0, 2, 'none', 'l', 'right', 'count', 5 }, { 'blmpop', 'x', 1, 'l', 'left' }, { 'blmpop', -1, 1, 'l', 'left' }, { 'blmpop', 0, 1, 'notalist', 'left' }, { 'bzmpop', 0, 1, 'none', 'min' }, { 'bzmpop', 0, 1, 'z', 'min' }, { 'bzmpop', 0, 1, 'z', 'max', 'count', 9 },
  { 'xread', 'block', 0, 'streams', 's', '$' }, { 'xread', 'block', 0, 'streams', 's', '0' }, { 'xread', 'streams', 's', '$' }, { 'xread', 'streams', 's', '0' }, { 'xreadgroup', 'group', 'g', 'c', 'block', 0, 'streams', 's', '>' }, { 'xreadgroup', 'group', 'g', 'c', 'streams', 's', '>' }, { 'xread', 'block', 'x', 'streams', 's', '0' } }) do
  out[#out + 1] = table.concat(words, ' ') .. ' -> ' .. show(redis.pcall(unpack(words)))
end
return out
