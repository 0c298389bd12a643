-- Stores that find no value: along __newindex tables, to functions, and what stays behind in between.
local seen
local store = {}
local proxy = setmetatable({}, {__newindex = store})
for i = 1, 40 do proxy[i % 4 + 1] = i proxy['k' .. i % 4] = i end
print(table.concat(store, ' ')) -- expect: 40 37 38 39
print(store.k0 .. ' ' .. store.k3 .. ' ' .. tostring(next(proxy))) -- expect: 40 39 nil
proxy.field = 1
proxy.field = proxy.field
print(tostring(rawget(proxy, 'field')) .. ' ' .. tostring(store.field)) -- expect: nil nil

local chain = setmetatable({}, {__newindex = setmetatable({}, {__newindex = setmetatable({}, {__newindex = store})})})
chain.far, chain[true], chain[2.5] = 'away', 'yes', 'half'
print(store.far .. ' ' .. store[true] .. ' ' .. store[2.5]) -- expect: away yes half

local asked = setmetatable({}, {__newindex = function(t, k, v, more) seen = tostring(k) .. '=' .. tostring(v) .. ' ' .. tostring(more) rawset(t, k, v) end})
asked.x = 1
print(seen) -- expect: x=1 nil
asked.x = 2
print(seen .. ' ' .. asked.x) -- expect: x=1 nil 2
asked[1], asked[false] = 'one', 'no'
print(seen) -- expect: 1=one nil
asked.x = nil
asked.x = 3
print(seen) -- expect: x=3 nil
local function by_register(t, k, v) t[k] = v end
by_register(asked, 'reg', 'r')
print(seen) -- expect: reg=r nil
local few = setmetatable({}, {__newindex = function(t) seen = t end})
few.a = 1
print(seen == few) -- expect: true
local many = setmetatable({}, {__newindex = function(...) seen = select('#', ...) end})
many.a = 1
print(seen) -- expect: 3
local native = setmetatable({}, {__newindex = rawset})
native.a, native[1] = 5, 6
print(native.a + native[1]) -- expect: 11
local called = setmetatable({}, {__newindex = setmetatable({}, {__call = error})})
called.a = 1
print(rawget(getmetatable(called).__newindex, 'a')) -- expect: 1
print((select(2, pcall(function() local t = setmetatable({}, {__newindex = 5}) t.a = 1 end)):gsub('^.-:%d+: ', ''))) -- expect: attempt to index a number value
print((select(2, pcall(function() asked[nil] = 1 end)):gsub('^.-:%d+: ', ''))) -- expect: table index is nil
print((select(2, pcall(function() proxy[0 / 0] = 1 end)):gsub('^.-:%d+: ', ''))) -- expect: table index is NaN
print((select(2, pcall(function() asked = setmetatable({}, {__newindex = function() error('no', 0) end}) asked.x = 1 end)))) -- expect: no

-- __concat: at either end, in the middle of more, tail calling.
local c = {__concat = function(a, b) return (type(a) == 'table' and 'T' or a) .. '|' .. (type(b) == 'table' and 'T' or b) end}
local o = setmetatable({}, c)
print(o .. 'a' .. ' ' .. (1 .. o) .. ' ' .. (o .. o)) -- expect: T|a 1|T T|T
print('x' .. o .. 'y') -- expect: xT|y
local tail = setmetatable({}, {__concat = function(a, b) return rawequal(a, b) end})
print(tostring(tail .. tail)) -- expect: true
print(tostring(tail .. 'a')) -- expect: false
local two = setmetatable({}, {__concat = function() return 1, 2 end})
print((two .. two) + 1) -- expect: 2
local nothing = setmetatable({}, {__concat = function() end})
print(tostring(nothing .. '')) -- expect: nil
print((select(2, pcall(function() return nothing .. '' .. '' end))) == nil) -- expect: true
print((select(2, pcall(function() return 'a' .. {} end)):gsub('^.-:%d+: ', ''))) -- expect: attempt to concatenate a table value
