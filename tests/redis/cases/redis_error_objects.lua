local out = {}
local function fields(t)
  if type(t) ~= 'table' then return type(t) .. ' ' .. tostring(t) end
  local names = {}
  for k, v in pairs(t) do names[#names + 1] = tostring(k) .. '=' .. tostring(v) end
  table.sort(names)
  return table.concat(names, ' ')
end
local function put(f, ...)
  out[#out + 1] = 'pcall ' .. fields((select(2, pcall(f, ...))))
  local args = { ... }
  out[#out + 1] = 'xpcall ' .. fields((select(2, xpcall(function() return f(unpack(args)) end, function(e) return e end))))
end
put(redis.call, 'nosuch') put(redis.call, 'get') put(redis.call, 'subscribe', 'x') put(redis.call) put(redis.call, {}) put(redis.pcall, 'nosuch') put(redis.pcall) put(redis.pcall, {}) put(redis.pcall, 'subscribe', 'x')
redis.call('set', 's', 'x')
put(redis.call, 'incr', 's') put(redis.pcall, 'incr', 's') put(redis.call, 'lpush', 's', 1) put(redis.pcall, 'lpush', 's', 1) put(redis.call, 'set', 's', 1, 'ex', 0) put(redis.call, 'xadd', 's', '*', 'a', 'b')
put(redis.error_reply, 'A b') put(redis.error_reply, '-A b') put(redis.error_reply, 'A') put(redis.error_reply, '') put(redis.error_reply, '-') put(redis.error_reply, ' x') put(redis.error_reply, '--a b') put(redis.error_reply, 'A  b') put(redis.error_reply, 'A b\r\n') put(redis.error_reply, 'A\r\nb c') put(redis.error_reply, '\r\nA b') put(redis.error_reply, 'A \r\n') put(redis.error_reply, 'A b\0c') put(redis.error_reply, 'A\nb')
put(error, { err = 'x' }) put(error, { err = 'x', line = 3 }) put(error, { 1 }) put(error, 5) put(error) put(error, true)
put(redis.setresp, 9) put(redis.set_repl, 9) put(redis.log, 9) put(redis.log, 9, 9) put(redis.sha1hex) put(redis.acl_check_cmd, 'nosuch') put(redis.acl_check_cmd)
return out
