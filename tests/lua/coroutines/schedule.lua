local log, tasks = {}, {}
local function spawn(name, n) tasks[#tasks + 1] = coroutine.create(function() for i = 1, n do log[#log + 1] = name .. i coroutine.yield() end end) end
spawn('a', 3) spawn('b', 1) spawn('c', 2)
while #tasks > 0 do
  for i = #tasks, 1, -1 do
    coroutine.resume(tasks[i])
    if coroutine.status(tasks[i]) == 'dead' then table.remove(tasks, i) end
  end
end
print(table.concat(log, ' '))                                -- expect: c1 b1 a1 c2 a2 a3
local function producer() return coroutine.wrap(function() for i = 1, 5 do coroutine.yield(i) end end) end
local function map(f, g) return coroutine.wrap(function() for v in g do coroutine.yield(f(v)) end end) end
local sum = 0
for v in map(function(x) return x * x end, producer()) do sum = sum + v end
print(sum)                                                   -- expect: 55
local function tree(t) if t then tree(t[1]) coroutine.yield(t[2]) tree(t[3]) end end
local out = {}
for v in coroutine.wrap(function() tree{ { nil, 1 }, 2, { { nil, 3 }, 4 } } end) do out[#out + 1] = v end
print(table.concat(out, ' '))                                -- expect: 1 2 3 4
local depth = 0
local function nest(n) depth = depth + 1 if n > 0 then return coroutine.wrap(nest)(n - 1) end return 'bottom' end
print(nest(50), depth)                                       -- expect: bottom	51
local many = {}
for i = 1, 1000 do many[i] = coroutine.wrap(function() local s = i while true do s = s + coroutine.yield(s) end end) many[i]() end
local total = 0
for i = 1, 1000 do total = total + many[i](i) end
print(total)                                                 -- expect: 1001000
