-- heap_timers.lua - a priority queue of timers with a comparator, re-armed while time goes by
local function run()
  local Queue = {}
  Queue.__index = Queue
  function Queue.new(before) return setmetatable({ n = 0, before = before }, Queue) end
  function Queue:push(item)
    self.n = self.n + 1
    local i = self.n
    self[i] = item
    while i > 1 do
      local up = (i - i % 2) / 2
      if not self.before(self[i], self[up]) then break end
      self[i], self[up] = self[up], self[i]
      i = up
    end
  end
  function Queue:pop()
    local top = self[1]
    self[1] = self[self.n]
    self[self.n] = nil
    self.n = self.n - 1
    local i = 1
    while true do
      local least, left, right = i, i * 2, i * 2 + 1
      if left <= self.n and self.before(self[left], self[least]) then least = left end
      if right <= self.n and self.before(self[right], self[least]) then least = right end
      if least == i then break end
      self[i], self[least] = self[least], self[i]
      i = least
    end
    return top
  end
  local queue = Queue.new(function(a, b) return a.at < b.at end)
  local fired, sum = 0, 0
  for i = 1, 300 do queue:push({ at = i * 37 % 101 + i / 1000, every = i % 17 + 1 }) end
  while fired < 25000 do
    local timer = queue:pop()
    fired = fired + 1
    sum = sum + timer.at
    timer.at = timer.at + timer.every
    queue:push(timer)
  end
  print(('%.3f'):format(sum))
end
for _ = 1, 4 do run() end
