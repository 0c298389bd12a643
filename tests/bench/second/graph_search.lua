-- graph_search.lua - breadth first and depth first over a grid, with queues, stacks and visited sets
local function run()
  local W, H = 60, 60
  local walls = {}
  for y = 1, H do for x = 1, W do if (x * 7 + y * 13) % 11 == 0 and y % 5 > 0 then walls[y * W + x] = true end end end
  local steps = { { 1, 0 }, { -1, 0 }, { 0, 1 }, { 0, -1 } }
  local function breadth(from)
    local distance, queue, head = { [from] = 0 }, { from }, 1
    local last = 1
    while queue[head] do
      local at = queue[head]
      queue[head] = nil
      head = head + 1
      local x, y = (at - 1) % W + 1, math.floor((at - 1) / W)
      for _, s in ipairs(steps) do
        local nx, ny = x + s[1], y + s[2]
        local key = ny * W + nx
        if nx >= 1 and nx <= W and ny >= 1 and ny <= H and not walls[key] and not distance[key] then
          distance[key] = distance[at] + 1
          last = last + 1
          queue[last] = key
        end
      end
    end
    return distance
  end
  local sum = 0
  for i = 1, 8 do
    for _, d in pairs(breadth(30 * W + 20 + i)) do sum = sum + d end
  end
  print(sum)
end
for _ = 1, 112 do run() end
