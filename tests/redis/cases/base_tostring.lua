local out = {}
local function put(x) out[#out + 1] = tostring(x) end
put(nil) put(true) put(false) put(0) put(-0) put(1) put(1.5) put('s') put(1e15) put(1e14) put(123456789012345) put(12345678901234) put(0.1) put(1/3) put(1e-5) put(1e300) put(2^31) put(2^53) put(-1e15) put(100000000000000) put(1e21) put(3.0) put(1e15 + 0.5) put(99999999999999.9) put(0.30000000000000004)
out[#out + 1] = select(2, pcall(tostring))
out[#out + 1] = tostring(tostring):match('^[^:]+: ')
out[#out + 1] = (tostring({}):match('^table: 0x%x+$') and 'table ok')
out[#out + 1] = (tostring(function() end):match('^function: 0x%x+$') and 'function ok')
out[#out + 1] = (tostring(coroutine.create(function() end)):match('^thread: 0x%x+$') and 'thread ok')
out[#out + 1] = tostring(cjson.null)
return out
