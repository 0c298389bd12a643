local out = {}
table.foreach({ 'a', 'b' }, function(k, v) out[#out + 1] = k .. v end)
out[#out + 1] = table.foreach({ 'a', 'b' }, function(k, v) if v == 'b' then return 'found ' .. k end end)
table.foreachi({ 'x', 'y', nil, 'z' }, function(k, v) out[#out + 1] = k .. tostring(v) end)
out[#out + 1] = tostring(table.foreachi({ 1, 2 }, function(i) if i == 2 then return false end end))
out[#out + 1] = table.getn({ 1, 2, 3 }) out[#out + 1] = table.maxn({ 1, 2, [10] = 1 }) out[#out + 1] = table.maxn({}) out[#out + 1] = table.maxn({ [2.5] = 1, [-1] = 2 })
return out
