-- iterators written in Lua
local function count(limit, i) if i < limit then return i + 1, i * 2, i end end
local out = {}
for i, double, again, none in count, 3, 0 do out[#out + 1] = tostring(i) .. double .. again .. tostring(none) end
print(table.concat(out, ' '))                                -- expect: 100nil 221nil 342nil
for i in function() end do print(i) end
for i in function() return nil, 1 end do print(i) end
local left = { 3, 2, 1 }
for v in function() return table.remove(left) end do out[#out + 1] = v end
print(#out, out[4], out[6])                                  -- expect: 6	1	3
local function closing(_, i)
  local n = (i or 0) + 1
  local function get() n = n + 0 return n end
  if n < 4 then return get(), get end
end
out = {}
for i, get in closing do out[#out + 1] = i .. get() end
print(table.concat(out, ' '))                                -- expect: 11 22 33
local function various(...) local _, i = ... if (i or 0) < 2 then return (i or 0) + 1, ... end end
for i, a, b in various, 's' do print(i, a, b) end            -- expect: 1	s	nil
-- expect: 2	s	1
for i in setmetatable({}, { __call = function(_, _, i) i = (i or 0) + 1 if i < 3 then return i end end }) do print(i) end -- expect: 1
-- expect: 2
local co = coroutine.wrap(function() for _ in function() coroutine.yield(1) end do end end)
print(pcall(co))                                             -- expect: false	attempt to yield across metamethod/C-call boundary
print(pcall(function() for _ in function() error('inside', 0) end do end end)) -- expect: false	inside
local function nest() for _ in nest do end end
print((select(2, pcall(nest))):match('C stack overflow'))    -- expect: C stack overflow

-- pcall of Lua functions: how many results, and where they go
local function results(n) if n > 0 then return n, results(n - 1) end end
print(pcall(results, 0))                                     -- expect: true
print(pcall(results, 3))                                     -- expect: true	3	2	1
print((pcall(results, 3)))                                   -- expect: true
local a, b, c, d = pcall(results, 2)
print(a, b, c, d)                                            -- expect: true	2	1	nil
pcall(results, 5)
local t = { pcall(results, 4), pcall(results, 2) }
print(#t, t[1], t[2], t[4])                                  -- expect: 4	true	true	1
print(select('#', pcall(function() return nil, nil end)))    -- expect: 3
local function tail(...) return pcall(...) end
print(tail(results, 2))                                      -- expect: true	2	1
print(pcall(pcall, pcall, results, 1))                       -- expect: true	true	true	1
print(pcall(function(...) return select('#', ...), ... end, 1, nil)) -- expect: true	2	1	nil
local kept
print(pcall(function(v) kept = function() v = v + 1 return v end return kept() end, 4), kept()) -- expect: true	6
print(pcall(function() local ok, e = pcall(error, { 1 }) return ok, e[1] end)) -- expect: true	false	1
local function protect() local ok, e = pcall(protect) if not ok then return e end return e end
print(protect())                                             -- expect: C stack overflow

-- coroutines: what goes in and comes out, in every kind of place
local echo = coroutine.create(function(...)
  local n = select('#', ...)
  while true do
    local x, y = coroutine.yield(n, ...)
    n = x
    local z = { coroutine.yield(y) }
    n = #z
    coroutine.yield()
    if n == 3 then return coroutine.yield('tail') end
  end
end)
print(coroutine.resume(echo, 'a', 'b'))                      -- expect: true	2	a	b
print(coroutine.resume(echo, 1, 2))                          -- expect: true	2
local ok, none = coroutine.resume(echo, 7, 8, 9)
print(ok, none)                                              -- expect: true	nil
print((coroutine.resume(echo)))                              -- expect: true
print(coroutine.resume(echo, 'last', 'values'))              -- expect: true	last	values
print(coroutine.resume(echo))                                -- expect: false	cannot resume dead coroutine
local wrapped = coroutine.wrap(function(v) for _ = 1, 3 do v = coroutine.yield(v, v) end error('end', 0) end)
print(wrapped(1), (wrapped(2)))                              -- expect: 1	2
local first = wrapped(3)
print(first, pcall(wrapped))                                 -- expect: 3	false	end
local many = coroutine.wrap(function() while true do coroutine.yield(unpack({}, 1, 200)) end end)
print(select('#', many()), select('#', many()))              -- expect: 200	200
local back = coroutine.wrap(function(...) while true do coroutine.yield(select('#', ...), select('#', coroutine.yield())) end end)
back()
print(back(unpack({}, 1, 300)))                              -- expect: 0	300
local inner = coroutine.wrap(function() while true do coroutine.yield('in') end end)
local outer = coroutine.wrap(function() while true do coroutine.yield(inner(), inner()) end end)
print(outer(), outer())                                      -- expect: in	in	in

-- the same function called again and again
local words = { 'pear', 'fig', 'apple', 'kiwi', 'date', 'plum' }
table.sort(words, function(x, y, ...) return #x == #y and x < y or #x < #y end)
print(table.concat(words, ' '))                              -- expect: fig date kiwi pear plum apple
table.sort(words, function(x, y, missing) local less = x > y return less, missing end)
print(table.concat(words, ' '))                              -- expect: plum pear kiwi fig date apple
local calls = 0
print(pcall(table.sort, { 3, 1, 2 }, function() calls = calls + 1 error('no', 0) end), calls) -- expect: false	1
print(pcall(table.sort, { 3, 1, 2, 5, 4 }, function() return true end)) -- expect: false	invalid order function for sorting
local grown
table.sort(words, function(x, y) grown = { pcall(results, 60) } return x < y end)
print(words[1], #grown)                                      -- expect: apple	61
print((('hello'):gsub('l', function(x) return x .. x end)))  -- expect: hellllo
print((('a-b-c'):gsub('%w', function(x) if x ~= 'b' then return x:upper() end end))) -- expect: A-b-C
print((('abc'):gsub('.', function(x) local function f() return x end x = x .. '!' return f() end))) -- expect: a!b!c!
