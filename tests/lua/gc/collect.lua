local function count() return collectgarbage('count') end
collectgarbage()
local before = count()
do local t = {} for i = 1, 4000 do t[i] = { i } end end
collectgarbage()
print(count() - before < 100)                                -- expect: true
print(type(collectgarbage('count')), collectgarbage('collect'), collectgarbage('stop'), collectgarbage('restart')) -- expect: number	0	0	0
print(pcall(collectgarbage, 'nope'))                         -- expect: false	bad argument #1 to '?' (invalid option 'nope')
local weak = setmetatable({}, { __mode = 'v' })
weak[1], weak[2], weak.s = {}, {}, 'string'
local keep = weak[1]
collectgarbage()
print(weak[1] == keep, weak[2], weak.s)                      -- expect: true	nil	string
local wk = setmetatable({}, { __mode = 'k' })
wk[{}] = 1 wk[keep] = 2 wk.name = 3
collectgarbage()
local n = 0
for _ in pairs(wk) do n = n + 1 end
print(n, wk[keep], wk.name)                                  -- expect: 2	2	3
local s = 0
for round = 1, 10 do
  local t = {}
  for i = 1, 200 do t[i] = { tostring(i), function() return i end, coroutine.create(function() end) } end
  s = s + #t
end
print(s)                                                     -- expect: 2000
local chain = nil
for i = 1, 3000 do chain = { chain } end
local depth = 0
while chain do depth = depth + 1 chain = chain[1] end
print(depth)                                                 -- expect: 3000
local text = {}
for i = 1, 300 do text[#text + 1] = ('x'):rep(i * 10) end
print(#table.concat(text))                                   -- expect: 451500
local cyc = {}
for i = 1, 2000 do local a, b = {}, {} a.b, b.a = b, a cyc[i % 10] = a end
collectgarbage()
print(cyc[1].b.a == cyc[1])                                  -- expect: true
