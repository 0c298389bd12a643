local out = {}
for _, v in ipairs{ 1, 'a', true, {}, function() end, coroutine.create(function() end), cjson.null, type } do out[#out + 1] = type(v) end
out[#out + 1] = type(nil)
out[#out + 1] = select(2, pcall(type))
return out
