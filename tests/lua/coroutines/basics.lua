local co = coroutine.create(function(a, b)
  local c = coroutine.yield(a + b)
  local d, e = coroutine.yield(c * 2)
  return d + e, 'end'
end)
print(coroutine.status(co))                                  -- expect: suspended
print(coroutine.resume(co, 1, 2))                            -- expect: true	3
print(coroutine.status(co))                                  -- expect: suspended
print(coroutine.resume(co, 10))                              -- expect: true	20
print(coroutine.resume(co, 3, 4))                            -- expect: true	7	end
print(coroutine.status(co))                                  -- expect: dead
print(coroutine.resume(co))                                  -- expect: false	cannot resume dead coroutine
local gen = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end)
print(gen(), gen(), gen())                                   -- expect: 1	2	3
print(gen())                                                 -- expect:
print(pcall(gen))                                            -- expect: false	cannot resume dead coroutine
print(coroutine.running())                                   -- expect: nil
local inner
local outer = coroutine.wrap(function()
  inner = coroutine.wrap(function() coroutine.yield('inner') end)
  coroutine.yield(inner())
  coroutine.yield('outer')
end)
print(outer(), outer())                                      -- expect: inner	outer
print(select('#', coroutine.resume(coroutine.create(function() coroutine.yield(nil, nil) end)))) -- expect: 3
local list = {}
for v in coroutine.wrap(function() for _, x in ipairs{ 'a', 'b' } do coroutine.yield(x) end end) do list[#list + 1] = v end
print(table.concat(list))                                    -- expect: ab
print(pcall(coroutine.create, 'x'))                          -- expect: false	bad argument #1 to '?' (Lua function expected)
print(coroutine.resume(coroutine.create(function(...) return select('#', ...), ... end), nil, 2)) -- expect: true	2	nil	2
-- what is being built when a coroutine is resumed stays whole
local maker = coroutine.wrap(function() while true do coroutine.yield(string.rep('Z', 600) .. 1) end end)
maker()
print((('abcdef'):gsub('.', function(c) maker() return c .. c end))) -- expect: aabbccddeeff
