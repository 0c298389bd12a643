local out = {}
for _, c in ipairs{ { 'MULTI' }, { 'EXEC' }, { 'WATCH', 'a' }, { 'BLPOP', 'a', 0 }, { 'CONFIG', 'GET', 'x' }, { 'EVAL', 'return 1', 0 }, { 'SCRIPT', 'FLUSH' }, { 'SHUTDOWN' }, { 'MONITOR' }, { 'CLIENT', 'ID' }, { 'AUTH', 'x' }, { 'SAVE' }, { 'DEBUG', 'SLEEP', 0 }, { 'CONFIG' }, { 'EVAL' }, { 'XREAD', 'BLOCK', 5, 'STREAMS', 'a', '$' } } do
  out[#out + 1] = redis.pcall(unpack(c)).err
end
return out
