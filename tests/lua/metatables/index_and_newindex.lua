local base = { kind = 'base', shared = 1 }
local mid = setmetatable({ shared = 2 }, { __index = base })
local top = setmetatable({}, { __index = mid })
print(top.kind, top.shared, rawget(top, 'kind'))             -- expect: base	2	nil
top.kind = 'own'
print(top.kind, mid.kind)                                    -- expect: own	base
local log = {}
local watched = setmetatable({}, { __index = function(t, k) log[#log + 1] = 'get ' .. k return k .. '!' end, __newindex = function(t, k, v) log[#log + 1] = 'set ' .. k rawset(t, k, v) end })
print(watched.a)                                             -- expect: a!
watched.b = 1
watched.b = 2
print(watched.b, table.concat(log, ','))                     -- expect: 2	get a,set b
local store = {}
local proxy = setmetatable({}, { __newindex = store, __index = store })
proxy.x = 5
print(rawget(proxy, 'x'), store.x, proxy.x)                  -- expect: nil	5	5
local default = setmetatable({}, { __index = function() return 0 end })
default.hits = default.hits + 1
print(default.hits, default.misses)                          -- expect: 1	0
local ro = setmetatable({}, { __newindex = function(_, k) error('readonly ' .. k, 2) end })
print(pcall(function() ro.x = 1 end))                        -- expect: false	metatables/index_and_newindex.lua:21: readonly x
print(getmetatable(setmetatable({}, { __metatable = 'private' }))) -- expect: private
print(pcall(setmetatable, setmetatable({}, { __metatable = false }), {})) -- expect: false	cannot change a protected metatable
local loop = {}
setmetatable(loop, { __index = loop })
print(pcall(function() return loop.x end))                   -- expect: false	metatables/index_and_newindex.lua:26: loop in gettable
print(getmetatable('').__index == string, ('x').len == string.len) -- expect: true	true
local chain = { v = 'deep' }
for i = 1, 50 do chain = setmetatable({}, { __index = chain }) end
print(chain.v, chain.none)                                   -- expect: deep	nil
