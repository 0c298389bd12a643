-- queue_ring.lua - a ring buffer, a deque of two stacks and a list used as a queue
local function run()
  local Ring = {}
  Ring.__index = Ring
  function Ring.new(size) return setmetatable({ size = size, head = 0, count = 0 }, Ring) end
  function Ring:push(v)
    if self.count == self.size then return false end
    self[(self.head + self.count) % self.size + 1] = v
    self.count = self.count + 1
    return true
  end
  function Ring:pop()
    if self.count == 0 then return nil end
    local v = self[self.head + 1]
    self[self.head + 1] = false
    self.head = (self.head + 1) % self.size
    self.count = self.count - 1
    return v
  end
  local ring, sum = Ring.new(64), 0
  for i = 1, 80000 do
    ring:push(i)
    if i % 3 ~= 0 then sum = sum + (ring:pop() or 0) end
  end
  local first, last, list = 1, 0, {}
  for i = 1, 80000 do
    last = last + 1
    list[last] = i
    if i % 2 == 0 then
      sum = sum + list[first]
      list[first] = nil
      first = first + 1
    end
  end
  local queue = {}
  for i = 1, 10000 do
    table.insert(queue, i)
    if #queue > 20 then sum = sum + table.remove(queue, 1) end
  end
  print(sum)
end
for _ = 1, 5 do run() end
