local function counter() local n = 0 return function() n = n + 1 return n end end
local a, b = counter(), counter()
print(a(), a(), b(), a())                                    -- expect: 1	2	1	3
local function pair() local v return function(x) v = x end, function() return v end end
local set, get = pair()
set(5)
print(get())                                                 -- expect: 5
set(nil)
print(get())                                                 -- expect: nil
local fs = {}
for i = 1, 3 do fs[i] = function() i = i + 1 return i end end
print(fs[1](), fs[1](), fs[2](), fs[3]())                    -- expect: 2	3	3	4
local gs = {}
for k, v in pairs{ 'a', 'b' } do gs[k] = function() return k .. v end end
print(gs[1](), gs[2]())                                      -- expect: 1a	2b
local ws, j = {}, 0
while j < 3 do j = j + 1 local k = j ws[j] = function() k = k * 10 return k end end
print(ws[1](), ws[1](), ws[3](), j)                          -- expect: 10	100	30	3
local last
for i = 1, 5 do last = function() return i end if i == 3 then break end end
print(last())                                                -- expect: 3
local function deep() local x = 1 return function() return function() return function() x = x + 1 return x end end end end
local d = deep()()()
print(d(), d())                                              -- expect: 2	3
local up = 1
local function change() up = up + 1 end
change() change()
print(up)                                                    -- expect: 3
do local hidden = 'h' function closure_global() return hidden end end
print(closure_global())                                      -- expect: h
local function args(a, b) return function() a = a + b return a end end
local f = args(1, 10)
print(f(), f())                                              -- expect: 11	21
local r = {}
repeat local v = #r + 1 r[v] = function() return v end until v == 3
print(r[1](), r[2](), r[3]())                                -- expect: 1	2	3
