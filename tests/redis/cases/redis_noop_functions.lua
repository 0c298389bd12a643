local out = {}
local function put(ok, ...)
  local t = { tostring(ok), select('#', ...) }
  for i = 1, select('#', ...) do local v = (select(i, ...)) t[#t + 1] = type(v) == 'table' and tostring(v.err) .. ' ' .. tostring(v.ignore_error_stats_update) or tostring(v) end
  out[#out + 1] = table.concat(t, ',')
end
put(pcall(redis.breakpoint)) put(pcall(redis.breakpoint, 1, 2)) put(pcall(redis.debug)) put(pcall(redis.debug, 1, {}, 'x')) put(pcall(redis.replicate_commands)) put(pcall(redis.replicate_commands, 1))
put(pcall(redis.set_repl)) put(pcall(redis.set_repl, 1, 2)) put(pcall(redis.set_repl, {})) put(pcall(redis.set_repl, 'x')) put(pcall(redis.set_repl, '3')) put(pcall(redis.set_repl, 4)) put(pcall(redis.set_repl, -1)) put(pcall(redis.set_repl, 3.9)) put(pcall(redis.set_repl, 2^32)) put(pcall(redis.set_repl, 2^31)) put(pcall(redis.set_repl, -0.5)) put(pcall(redis.set_repl, 0/0)) put(pcall(redis.set_repl, 1/0)) put(pcall(redis.set_repl, nil)) put(pcall(redis.set_repl, true)) put(pcall(redis.set_repl, redis.REPL_ALL))
put(pcall(redis.setresp)) put(pcall(redis.setresp, 1)) put(pcall(redis.setresp, 4)) put(pcall(redis.setresp, 2, 3)) put(pcall(redis.setresp, '3')) put(pcall(redis.setresp, 2.9)) put(pcall(redis.setresp, 'x')) put(pcall(redis.setresp, nil)) put(pcall(redis.setresp, {})) put(pcall(redis.setresp, 0/0)) put(pcall(redis.setresp, 2^32 + 2))
put(pcall(redis.log)) put(pcall(redis.log, 1)) put(pcall(redis.log, 'x', 'y')) put(pcall(redis.log, '1', 'y')) put(pcall(redis.log, 2.9, 'y')) put(pcall(redis.log, -1, 'y')) put(pcall(redis.log, -0.9, 'y')) put(pcall(redis.log, 4, 'y')) put(pcall(redis.log, 3.9, 'y')) put(pcall(redis.log, 0, nil)) put(pcall(redis.log, 3, 1.5, 'x', {}, 2)) put(pcall(redis.log, {}, 'y')) put(pcall(redis.log, nil, 'y')) put(pcall(redis.log, true, 'y')) put(pcall(redis.log, 0/0, 'y'))
put(pcall(redis.sha1hex)) put(pcall(redis.sha1hex, 1, 2)) put(pcall(redis.sha1hex, nil)) put(pcall(redis.sha1hex, {})) put(pcall(redis.sha1hex, 1.5)) put(pcall(redis.sha1hex, true)) put(pcall(redis.sha1hex, 'a\0b'))
put(pcall(redis.error_reply)) put(pcall(redis.error_reply, 5)) put(pcall(redis.error_reply, 'a', 'b')) put(pcall(redis.error_reply, nil)) put(pcall(redis.status_reply)) put(pcall(redis.status_reply, 5)) put(pcall(redis.status_reply, {}))
return out
