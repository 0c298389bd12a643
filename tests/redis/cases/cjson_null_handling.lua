local t = cjson.decode('[1,null,3,{"a":null}]')
local out = { #t, tostring(t[2]), tostring(t[2] == cjson.null), type(t[2]), cjson.encode(t), tostring(t[4].a == nil) }
t[2] = nil
out[#out + 1] = cjson.encode(t)
return out
