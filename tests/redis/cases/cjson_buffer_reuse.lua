local out = {}
out[1] = #cjson.encode(('x'):rep(100000))
out[2] = cjson.encode({ 1 })
pcall(cjson.encode, { 'partial', function() end })
out[3] = cjson.encode({ 2 })
return out
