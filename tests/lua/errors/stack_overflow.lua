local function f(n) return 1 + f(n + 1) end
local ok, e = pcall(f, 1)
print(ok, e:match('stack overflow'))                         -- expect: false	stack overflow
local function g() return pcall(g) end
print(type(g()))                                             -- expect: boolean
local t = setmetatable({}, {})
getmetatable(t).__index = function(t, k) return t[k + 1] end
ok, e = pcall(function() return t[1] end)
print(ok, e:match('stack overflow'))                         -- expect: false	stack overflow
local d = 0
local function h() d = d + 1 local x = h() return x end
pcall(h)
print(d > 15000, d <= 200000)                                -- expect: true	true
local co = coroutine.create(function() return f(1) end)
ok, e = coroutine.resume(co)
print(ok, e:match('stack overflow'))                         -- expect: false	stack overflow
for i = 1, 5 do ok = pcall(f, 1) end
print(ok)                                                    -- expect: false
local function cmp(a, b) table.sort({ 1, 2, 3 }, cmp) return a < b end
print(pcall(table.sort, { 1, 2, 3 }, cmp))                   -- expect: false	C stack overflow
print(pcall(string.rep, 'x', -1))                            -- expect: true	

-- a refused level is given back: after a hundred refusals as many are left as before
local count, refused = 0, 0
local function nest()
  for _ in coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end) do
    count = count + 1
    local ok, e = pcall(nest)
    if not ok then refused = refused + 1 end
    if count > 400 then return end
  end
end
print(pcall(nest)) -- expect: true
print(count, refused) -- expect: 401	139

-- an iterator is called one level deeper, whichever it is
local refusal
local function iterate() for _ in ipairs({ 5 }) do end local ok, e = pcall(iterate) refusal = refusal or not ok and e end
iterate()
print(refusal) -- expect: errors/stack_overflow.lua:38: C stack overflow

-- the handler of a stack overflow runs, on frames of its own; when those do not suffice either, it fails
local function deep(...) deep(...) end
local handled = 0
print(xpcall(deep, function(e) handled = handled + 1 return e end)) -- expect: false	errors/stack_overflow.lua:43: stack overflow
print(handled) -- expect: 1
local function deeper() deeper() end
print(xpcall(deep, function() handled = handled + 1 deeper() end)) -- expect: false	error in error handling
print(handled) -- expect: 2
print(xpcall(deep, function() return (pcall(deeper)) end)) -- expect: false	false
for i = 1, 3 do
  print(coroutine.resume(coroutine.create(function() return xpcall(deep, function(e) return #e end) end))) -- expect: true	false	44
end -- expect: true	false	44
print(pcall(deep)) -- expect: true	false	44
-- expect: false	errors/stack_overflow.lua:43: stack overflow
