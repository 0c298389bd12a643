local out = {}
local function show(v, depth) if type(v) == 'table' then local s = {} for k, x in pairs(v) do s[#s + 1] = tostring(k) .. ':' .. show(x) end return '{' .. table.concat(s, ' ') .. '}' elseif v == cjson.null then return 'NULL' else return type(v) .. '(' .. tostring(v) .. ')' end end
local function try(s) local ok, e = pcall(cjson.decode, s) out[#out + 1] = ok and show(e) or e end
for _, s in ipairs{ '1', '-1', '1.5', '1e3', '1E+3', '-0', '0.1', '123456789012345678', '"a"', '""', 'true', 'false', 'null', '[]', '{}', '[1,2,3]', '[null]', '{"a":1}', '{"a":{"b":[1,{"c":null}]}}', ' [ 1 , 2 ] ', '\n\t{ "a" : 1 }\r\n', '"\\u0041\\u00e9\\u20ac\\ud83d\\ude00"', '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '{"1":"x"}', '{"a":1,"a":2}', '[[[[]]]]', '{"":0}', '[1,"two",true,null,{"x":[]}]', 'nan', '-nan', 'inf', 'Infinity', '-Infinity', '0x1F', '01', '+1', '1.', '1e400', '"tab\there"', '[1.5e-3]', '"\\u0000"' } do try(s) end
return out
