local out = {}
local function try(...) local ok, e = pcall(cjson.decode, ...) out[#out + 1] = type(e) == 'table' and 'table' or tostring(e) end
for _, s in ipairs{ '', ' ', '{', '[', '}', ']', '[1', '[1,', '[1,]', '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', '{a:1}', '{1:2}', "{'a':1}", '1 2', '[1 2]', '{"a" 1}', '"abc', '"\\x"', '"\\u12"', '"\\ud800"', '"\\udc00"', '"\\ud800\\u0041"', 'tru', 'True', 'nul', 'undefined', '.5', '-', '1e', '--1', '[,]', '{,}', '[1,,2]', '\239\187\191{}', '\0', '{"a":1}x', '1,', ':', ',', '"a":1', '[1}', '{"a":1]', '\255\254', '1\0', '{}\0', '0x', '0xg', 'Inf', 'NaN', 'infinit', '//c', '/* */1', '[1]]' } do try(s) end
try() try({}) try(nil) try('1', '2') try(5) try(true)
return out
