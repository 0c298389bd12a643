local x = 1
do local x = 2 print(x) end                                  -- expect: 2
print(x)                                                     -- expect: 1
if true then local x = 3 end
print(x)                                                     -- expect: 1
local function f() return x end
local x = 10
print(f(), x)                                                -- expect: 1	10
for x = 5, 5 do print(x) end                                 -- expect: 5
repeat local x = 'inner' until x == 'inner'
print(x)                                                     -- expect: 10
local y = y
print(y)                                                     -- expect: nil
local function rec(n) if n == 0 then return 'done' end return rec(n - 1) end
print(rec(3))                                                -- expect: done
while true do local x = 1 break end
print(x)                                                     -- expect: 10
