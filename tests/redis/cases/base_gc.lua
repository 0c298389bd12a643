local out = {}
local function try(...) local ok, e = pcall(...) out[#out + 1] = type(e) == 'number' and 'number' or tostring(e) end
try(collectgarbage) try(collectgarbage, 'collect') try(collectgarbage, 'count') try(collectgarbage, 'nope') try(collectgarbage, {}) try(gcinfo)
out[#out + 1] = tostring(collectgarbage('count') > 0)
out[#out + 1] = tostring(collectgarbage('collect'))
return out
