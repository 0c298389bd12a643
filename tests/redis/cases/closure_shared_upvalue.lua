local function pair() local v = 0 return function(x) v = x end, function() return v end end
local set, get = pair()
set(5) local x = get() set('s')
return { x, get() }
