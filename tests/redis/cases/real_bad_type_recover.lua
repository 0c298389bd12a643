-- seed: SET l string; RPUSH ok a
local function safe_len(key) local r = redis.pcall('LLEN', key) if type(r) == 'table' and r.err then return -1, r.err end return r end
local n, why = safe_len('l')
return { safe_len('ok'), n, why }
