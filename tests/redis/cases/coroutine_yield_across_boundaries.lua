local out = {}
local function try(f) local co = coroutine.create(f) local ok, e = coroutine.resume(co) out[#out + 1] = tostring(ok) .. ' ' .. tostring(e) end
try(function() pcall(coroutine.yield, 1) return 'after pcall' end)
try(function() local ok, e = pcall(function() coroutine.yield(1) end) return e end)
try(function() table.sort({ 3, 2, 1 }, function(a, b) coroutine.yield(1) end) end)
try(function() string.gsub('abc', '.', function() coroutine.yield(1) end) end)
try(function() local t = setmetatable({}, { __index = function() coroutine.yield(1) end }) return t.x end)
try(function() local t = setmetatable({}, { __add = function() coroutine.yield(1) end }) return t + 1 end)
try(function() local t = setmetatable({}, { __call = function() coroutine.yield('call ok') end }) t() return 'r' end)
try(function() for k in function() coroutine.yield(1) end do end end)
try(function() table.foreach({ 1 }, coroutine.yield) end)
try(function() loadstring('coroutine.yield("chunk ok")')() end)
try(function() tostring(setmetatable({}, { __tostring = function() coroutine.yield(1) end })) end)
try(function() xpcall(function() coroutine.yield(1) end, function(m) return m end) return 'x' end)
try(function() load(function() coroutine.yield(1) end) return 'load' end)
return out
