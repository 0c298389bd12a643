print(#{}, #{ 1 }, #{ 1, 2, 3 }, #{ nil }, #{ 1, nil, 3 }, #{ n = 1 }) -- expect: 0	1	3	0	3	0
local t = { 1, 2, 3 }
t[4] = 4
print(#t)                                                    -- expect: 4
t[#t + 1] = 5 t[#t + 1] = 6
print(#t)                                                    -- expect: 6
t[#t] = nil
print(#t)                                                    -- expect: 5
t = {}
for i = 1, 1000 do t[i] = i end
print(#t)                                                    -- expect: 1000
for i = 1000, 501, -1 do t[i] = nil end
print(#t)                                                    -- expect: 500
t = { [1] = 1, [2] = 2, [4] = 4 }
print(#t)                                                    -- expect: 4
t = {}
t[1] = 1 t[2] = 2 t[4] = 4
print(#t)                                                    -- expect: 4
t[3] = 3
print(#t)                                                    -- expect: 4
print(#'abc', #{ ... })                                      -- expect: 3	0
t = {} t[-1] = 1 t[0] = 1
print(#t)                                                    -- expect: 0
t = { 1, 2, 3, nil, 5, nil }
print(#t)                                                    -- expect: 3
-- A table built so that the search for a border doubles past every integer.
local far = {}
for i = 0, 40 do far[2 ^ i] = true end
print(#far)                                                  -- expect: 4
