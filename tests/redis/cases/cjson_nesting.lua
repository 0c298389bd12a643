local out = {}
local function try(f, ...) local ok, e = pcall(f, ...) out[#out + 1] = type(e) == 'string' and (#e > 100 and #e or e) or type(e) end
local function nest(n) local t = {} for i = 2, n do t = { t } end return t end
for _, n in ipairs{ 1, 100, 999, 1000, 1001, 1002 } do try(cjson.encode, nest(n)) try(cjson.decode, ('['):rep(n) .. (']'):rep(n)) end
local cyc = {} cyc.me = cyc try(cjson.encode, cyc)
try(cjson.decode, ('{"a":'):rep(1001) .. '1' .. ('}'):rep(1001))
return out
