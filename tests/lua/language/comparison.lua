print(1 < 2, 2 <= 2, 3 > 2, 2 >= 3, 1 == 1, 1 ~= 1)          -- expect: true	true	true	false	true	false
print('a' < 'b', 'a' < 'B', 'abc' < 'abd', '' < 'a', 'a' <= 'a') -- expect: true	false	true	true	true
print('10' < '9', 'a\0b' < 'a\0c', 'a' < 'a\0')              -- expect: true	true	true
local nan = 0 / 0
print(nan == nan, nan < nan, nan <= nan, nan > 1, not (nan < 1)) -- expect: false	false	false	false	true
print({} == {}, print == print, nil == false, 0 == false, '' == false) -- expect: false	true	false	false	false
local t = {}
print(t == t, t ~= t, rawequal(t, t), rawequal('a', 'a'))    -- expect: true	false	true	true
print(pcall(function() return 1 < '2' end))                  -- expect: false	language/comparison.lua:9: attempt to compare number with string
print(pcall(function() return {} < {} end))                  -- expect: false	language/comparison.lua:10: attempt to compare two table values
print(pcall(function() return nil < 1 end))                  -- expect: false	language/comparison.lua:11: attempt to compare nil with number
print(pcall(function() return true <= false end))            -- expect: false	language/comparison.lua:12: attempt to compare two boolean values
print(pcall(function() return print < print end))            -- expect: false	language/comparison.lua:13: attempt to compare two function values
