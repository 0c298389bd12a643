local function collect(a, b, c)
  local s = {}
  for i = a, b, c or 1 do s[#s + 1] = i if #s == 10 then break end end
  return table.concat(s, ' ')
end
print(collect(1, 5))                                         -- expect: 1 2 3 4 5
print(collect(5, 1, -2))                                     -- expect: 5 3 1
print(collect(1, 0))                                         -- expect:
print(collect(0, 1, 0.25))                                   -- expect: 0 0.25 0.5 0.75 1
print(collect(1, 1))                                         -- expect: 1
print(collect(1, math.huge))                                 -- expect: 1 2 3 4 5 6 7 8 9 10
print(collect(math.huge, 1))                                 -- expect:
print(collect(3, 1, -0.5))                                   -- expect: 3 2.5 2 1.5 1
print(collect('2', '4'))                                     -- expect: 2 3 4
print(collect(1, 3, 0))                                      -- expect:
print(collect(0.1, 0.35, 0.1))                               -- expect: 0.1 0.2 0.3
print(collect(-1, -3, -1))                                   -- expect: -1 -2 -3
local n = 0
for i = 1, 3 do for j = i, 3 do n = n + i * j end end
print(n)                                                     -- expect: 25
for i = 1, 3 do local j = i i = 99 n = n + j end
print(n)                                                     -- expect: 31
local limit = 3
for i = 1, limit do limit = 100 n = i end
print(n)                                                     -- expect: 3
print(pcall(function() for i = 1, 'x' do end end))           -- expect: false	language/numeric_for.lua:26: 'for' limit must be a number
print(pcall(function() for i = {}, 2 do end end))            -- expect: false	language/numeric_for.lua:27: 'for' initial value must be a number
print(pcall(function() for i = 1, 2, {} do end end))         -- expect: false	language/numeric_for.lua:28: 'for' step must be a number
