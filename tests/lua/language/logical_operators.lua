print(nil and 1, false and 1, 1 and 2, 1 and nil)            -- expect: nil	false	2	nil
print(nil or 1, false or nil, 1 or 2, nil or false)          -- expect: 1	nil	1	false
print(not nil, not 0, not '', not not 5)                     -- expect: true	false	false	true
print(1 and 2 or 3, nil and 2 or 3, false or false and 1)    -- expect: 2	3	false
local function t() return true end
local function f() return false end
print(t() and f(), t() or error('short'), f() and error('short')) -- expect: false	true	false
print((nil or 5) + 1, (false or 'x') .. 'y')                 -- expect: 6	xy
local a = nil
local b = a and a.field or 'default'
print(b)                                                     -- expect: default
print(1 < 2 and 2 < 3, 1 < 2 == true, not (1 == 2))          -- expect: true	true	true
local x = 5
print(x > 3 and 'big' or 'small', x > 7 and 'big' or 'small') -- expect: big	small
if not (x == 5 and x ~= 6) then print('wrong') else print('right') end -- expect: right
local calls = 0
local function count(v) calls = calls + 1 return v end
local r = count(false) or count(nil) or count(1) or count(2)
print(r, calls)                                              -- expect: 1	3
