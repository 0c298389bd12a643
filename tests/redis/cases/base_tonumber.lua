local out = {}
local function put(...) local ok, v = pcall(tonumber, ...) out[#out + 1] = tostring(v) end
put('10') put('  10  ') put('10a') put('') put(' ') put('1e1') put('1e') put('0x1F') put('0xg') put('-0x10') put('+5') put('- 5') put('--5') put('.5') put('5.') put('.') put('1.2.3') put('1e400') put('-1e400') put('inf') put('nan') put('infinity') put('0x') put('1 2') put('1\0') put('12\0')
put('10', 2) put('12', 2) put('zz', 36) put('ZZ', 36) put('7', 8) put('8', 8) put('ff', 16) put('0xff', 16) put('-ff', 16) put('1.5', 10) put('  11  ', 2) put('', 10) put('10', 1) put('10', 37) put(10, 16) put(1.5, 16) put('9', 10.9) put('zz', '36') put('ffffffffffffffffff', 16) put('10', 10)
put(nil) put({}) put(true) put() put(5) put('0x1p4') put('1e+2') put('1e-2') put('1d') put('0b1') put('1_0') put(nil, 10) put({}, 10)
return out
