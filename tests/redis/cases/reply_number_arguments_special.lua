local t = {}
for _, n in ipairs{ 1/0, -1/0, 0/0, -(0/0) } do
  t[#t + 1] = redis.call('ECHO', n)
end
return t
