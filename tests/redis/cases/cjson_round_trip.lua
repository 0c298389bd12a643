local doc = '{"users":[{"id":1,"name":"Ada","tags":["a","b"],"meta":{"k":null}},{"id":2,"name":"Bob \\"B\\"","tags":[],"meta":{}}],"total":2,"pi":3.14159265358979,"big":12345678901234567890,"neg":-1e-7}'
local t = cjson.decode(doc)
return { cjson.encode(t), cjson.encode(cjson.decode(cjson.encode(t))) == cjson.encode(t) and 'stable' or 'unstable', t.users[2].name, #t.users[2].tags, tostring(t.users[1].meta.k) }
