local out = {}
for a, b in coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i, i * i) end end) do out[#out + 1] = a .. ':' .. b end
return out
