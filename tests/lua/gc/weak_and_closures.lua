local cache = setmetatable({}, { __mode = 'kv' })
for i = 1, 100 do cache[i] = { i } end
collectgarbage() collectgarbage()
local n = 0
for _ in pairs(cache) do n = n + 1 end
print(n <= 2)                                                -- expect: true
local fs = {}
for i = 1, 700 do local big = { i } fs[i % 7] = function() return big[1] end end
collectgarbage()
print(fs[0](), fs[6]())                                      -- expect: 700	699
local co = coroutine.wrap(function() local held = { 'held' } coroutine.yield() collectgarbage() return held[1] end)
co()
collectgarbage()
print(co())                                                  -- expect: held
local strings = {}
for i = 1, 1000 do strings['key' .. i] = 'value' .. i end
for i = 1, 1000, 2 do strings['key' .. i] = nil end
collectgarbage()
print(strings.key2, strings.key1, strings.key1000)           -- expect: value2	nil	value1000
local mt = { __index = function(_, k) collectgarbage() return k .. '!' end }
print(setmetatable({}, mt).x, (('abc'):gsub('%w', function(c) collectgarbage() return c:upper() end))) -- expect: x!	ABC
local t = { 5, 3, 8, 1 }
table.sort(t, function(a, b) collectgarbage() return a < b end)
print(table.concat(t, ' '))                                  -- expect: 1 3 5 8
