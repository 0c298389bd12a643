-- redis-only
print(cjson.encode({ 1, 2, 'x', true }), cjson.encode({}), cjson.encode({ a = { b = 'c' } })) -- expect: [1,2,"x",true]	{}	{"a":{"b":"c"}}
print(cjson.encode('a"b\\/\n\127'), cjson.encode(0.1), cjson.encode(1e20), cjson.encode(cjson.null)) -- expect: "a\"b\\\/\n\u007f"	0.1	1e+20	null
print(cjson.encode({ name = 'n', id = 1, list = { 1, 2 }, on = false })) -- expect: {"id":1,"on":false,"name":"n","list":[1,2]}
local t = cjson.decode('{"a":[1,2,{"b":null}],"c":"\\u00e9","d":1.5e3}')
print(#t.a, t.a[3].b == cjson.null, t.c, t.d)                -- expect: 3	true	é	1500
print(pcall(cjson.decode, '{"a":'))                          -- expect: false	Expected value but found T_END at character 6
print(pcall(cjson.decode, '[1,]'))                           -- expect: false	Expected value but found T_ARR_END at character 4
print(pcall(cjson.encode, { [1] = 1, [100] = 2 }))           -- expect: false	Cannot serialise table: excessively sparse array
print(pcall(cjson.encode, print))                            -- expect: false	Cannot serialise function: type not supported
print(pcall(cjson.encode, 0 / 0))                            -- expect: false	Cannot serialise number: must not be NaN or Inf
local deep = '1'
for i = 1, 1001 do deep = '[' .. deep .. ']' end
print(pcall(cjson.decode, deep))                             -- expect: false	Found too many nested data structures (1001) at character 1001
