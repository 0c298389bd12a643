-- binary_trees.lua - allocation of many small tables, collection
local function bottom_up(depth)
  if depth == 0 then return { false, false } end
  return { bottom_up(depth - 1), bottom_up(depth - 1) }
end
local function check(tree)
  if not tree[1] then return 1 end
  return 1 + check(tree[1]) + check(tree[2])
end
local max_depth = 14
local long_lived = bottom_up(max_depth)
for depth = 4, max_depth, 2 do
  local count, total = 2 ^ (max_depth - depth + 3), 0
  for _ = 1, count do total = total + check(bottom_up(depth)) end
  print(count, depth, total)
end
print(check(long_lived))
