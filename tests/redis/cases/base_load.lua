local out = {}
local function put(...) local t = {} for i = 1, select('#', ...) do local v = (select(i, ...)) t[i] = type(v) == 'table' and 'table' or tostring(v) end out[#out + 1] = table.concat(t, ',') end
put(loadstring('return 1 + 1')()) put(loadstring('return ...', 'n')(5, 6)) put(loadstring('x = =')) put(loadstring('return = 1', '@f')) put(loadstring('')()) put(pcall(loadstring)) put(pcall(loadstring, 5)) put(pcall(loadstring, {}))
local parts, i = { 'return ', '4', '2' }, 0
put(load(function() i = i + 1 return parts[i] end)())
i = 0 parts = { 'return ', '', '7' }
put(pcall(load(function() i = i + 1 return parts[i] end) or function() return 'stopped at empty' end))
put(load(function() return nil end)())
put(pcall(load, 'return 1')) put(pcall(load)) put((load(function() return {} end)), select(2, load(function() return {} end)) ~= nil)
put(pcall(load, function() error('reader') end))
i = 0
put(load(function() i = i + 1 if i == 1 then return 'x = = 1' end end, '=chunk'))
put(pcall(loadstring('return nope_global')))
put(pcall(loadstring('nope_global = 1')))
put(loadstring('local a <const> = 1'))
put(loadstring(string.dump(function() return 1 end)))
return out
