-- multiple assignment evaluates everything first, assigns in unspecified order
local a, b, c = 1, 2
print(a, b, c)                                               -- expect: 1	2	nil
a, b = b, a
print(a, b)                                                  -- expect: 2	1
local i, t = 3, {}
i, t[i] = i + 1, 20
print(i, t[3], t[4])                                         -- expect: 4	20	nil
local function three() return 1, 2, 3 end
local x, y, z, w = three()
print(x, y, z, w)                                            -- expect: 1	2	3	nil
x, y, z = three(), 10
print(x, y, z)                                               -- expect: 1	10	nil
x, y, z = (three())
print(x, y, z)                                               -- expect: 1	nil	nil
x, y = 1, 2, three()
print(x, y)                                                  -- expect: 1	2
