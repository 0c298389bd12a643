local out = {}
local function try(v) local ok, e = pcall(cjson.encode, v) out[#out + 1] = e end
try({}) try({ 1 }) try({ 1, 2, 3 }) try({ 1, nil, 3 }) try({ nil, 2 }) try({ a = 1 }) try({ 1, a = 2 }) try({ [0] = 1 }) try({ [1.5] = 1 }) try({ [1e15] = 1 }) try({ [-1] = 1 }) try({ [10] = 1 }) try({ [11] = 1 }) try({ [1] = 1, [2] = 2, [20] = 3 }) try({ [1] = 1, [30] = 2, [60] = 3 }) try({ { }, { { } } }) try({ a = { b = { c = { 1, 2, { d = 'e' } } } } }) try({ [true] = 1 }) try({ [{}] = 1 }) try({ x = function() end }) try({ 1, function() end }) try({ 'a', cjson.null, true, false }) try({ a = cjson.null }) try({ ['key "q"\n'] = 1 }) try({ [''] = 1 }) try({ ['1'] = 'string one' }) try({ n = 0/0 }) try({ [2^53] = 1 }) try({ [0.1] = 1 })
return out
