local out = {}
for _, s in ipairs{ '', '-', 'a', '-a', 'A b', '-A b', '--A b', ' lead', '- x', 'A  two', 'a\r\nb c' } do
  local t = redis.error_reply(s)
  local n = 0
  for k in pairs(t) do n = n + 1 end
  out[#out + 1] = t.err .. '|' .. n
end
return out
