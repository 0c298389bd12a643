-- string_compare.lua - strings ordered: short, with common beginnings, long, and by tables of them
local function run()
  local list = {}
  for i = 1, 600 do list[i] = ('key:%04d:%s'):format(i * 7919 % 1000, ('x'):rep(i % 20)) end
  local less, equal = 0, 0
  for i = 1, #list do
    local a = list[i]
    for k = 1, #list do
      local b = list[k]
      if a < b then less = less + 1 end
      if a == b then equal = equal + 1 end
      if a >= b and not (b > a) then less = less - 1 end
    end
  end
  local long = ('abcdefgh'):rep(40)
  local first, second = long .. 'a', long .. 'b'
  for i = 1, 60000 do if first < second then less = less + 1 end end
  print(less, equal)
end
for _ = 1, 9 do run() end
