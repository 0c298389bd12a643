-- table_ops.lua - insert, remove, concat, append, stacks and queues
local sum = 0
for round = 1, 70 do
  local t = {}
  for i = 1, 5000 do table.insert(t, i) end
  for i = 1, 2500 do sum = sum + table.remove(t) end
  for i = 1, 60 do table.insert(t, 1, i) end
  for i = 1, 60 do sum = sum + table.remove(t, 1) end
  sum = sum + #table.concat(t, ',')
  local u = {}
  for i = 1, 5000 do u[#u + 1] = i end
  while #u > 0 do u[#u] = nil end
  local queue, head, tail = {}, 1, 0
  for i = 1, 4000 do
    tail = tail + 1
    queue[tail] = i
    if i % 3 == 0 then
      sum = sum + queue[head]
      queue[head] = nil
      head = head + 1
    end
  end
end
print(sum)
