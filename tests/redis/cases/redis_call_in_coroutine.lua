local co = coroutine.wrap(function()
  for i = 1, 3 do coroutine.yield(redis.call('INCRBY', 'n', i)) end
  return 'done'
end)
return { co(), co(), co(), co() }
