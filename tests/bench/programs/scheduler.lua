-- scheduler.lua - a small operating system: tasks, priorities, packets, devices
local Packet = {} Packet.__index = Packet
local function packet(link, task, kind)
  return setmetatable({ link = link, task = task, kind = kind, datum = 0, data = { 0, 0, 0, 0 } }, Packet)
end
function Packet:append_to(queue)
  self.link = nil
  if not queue then return self end
  local last = queue
  while last.link do last = last.link end
  last.link = self
  return queue
end

local Task = {} Task.__index = Task
local Scheduler = {} Scheduler.__index = Scheduler
local IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B = 1, 2, 3, 4, 5, 6
local KIND_DEVICE, KIND_WORK = 0, 1

function Scheduler.new()
  return setmetatable({ queued = 0, held = 0, tasks = {}, list = nil, current = nil }, Scheduler)
end
function Scheduler:add(id, priority, queue, run, state)
  local task = setmetatable({ id = id, priority = priority, queue = queue, run = run, state = state,
    link = self.list, is_held = false, is_suspended = queue == nil, is_runnable = queue ~= nil, scheduler = self }, Task)
  self.list, self.tasks[id] = task, task
  return task
end
function Scheduler:loop()
  self.current = self.list
  while self.current do
    local task = self.current
    if task:blocked() then
      self.current = task.link
    else
      self.id = task.id
      self.current = task:step()
    end
  end
end
function Scheduler:release(id)
  local task = self.tasks[id]
  if not task then return task end
  task.is_held = false
  if task.priority > self.current.priority then return task end
  return self.current
end
function Scheduler:hold()
  self.held = self.held + 1
  self.current.is_held = true
  return self.current.link
end
function Scheduler:suspend()
  self.current.is_suspended = true
  return self.current
end
function Scheduler:send(p)
  local task = self.tasks[p.task]
  if not task then return task end
  self.queued = self.queued + 1
  p.link, p.task = nil, self.id
  return task:receive(p, self.current)
end
function Task:blocked() return self.is_held or (self.is_suspended and not self.is_runnable) end
function Task:step()
  local p
  if self.is_suspended and self.is_runnable then
    p = self.queue
    self.queue = p.link
    self.is_suspended = false
    self.is_runnable = self.queue ~= nil
  end
  return self.run(self, p)
end
function Task:receive(p, from)
  if not self.queue then
    self.queue = p
    self.is_runnable = true
    if self.priority > from.priority then return self end
  else
    self.queue = p:append_to(self.queue)
  end
  return from
end

local function idle(task)
  local s = task.state
  s.count = s.count - 1
  if s.count == 0 then return task.scheduler:hold() end
  if s.seed % 2 == 0 then
    s.seed = s.seed / 2
    return task.scheduler:release(DEVICE_A)
  end
  s.seed = (s.seed - 1) / 2
  s.seed = (s.seed + 53256) % 65536
  return task.scheduler:release(DEVICE_B)
end
local function work(task, p)
  local s = task.state
  if not p then return task.scheduler:suspend() end
  s.target = s.target == HANDLER_A and HANDLER_B or HANDLER_A
  p.task, p.datum = s.target, 0
  for i = 1, 4 do
    s.letter = s.letter % 26 + 1
    p.data[i] = 64 + s.letter
  end
  return task.scheduler:send(p)
end
local function handle(task, p)
  local s = task.state
  if p then
    if p.kind == KIND_WORK then s.work = p:append_to(s.work) else s.device = p:append_to(s.device) end
  end
  local w = s.work
  if w then
    local count = w.datum
    if count >= 4 then
      s.work = w.link
      return task.scheduler:send(w)
    end
    local d = s.device
    if d then
      s.device = d.link
      d.datum = w.data[count + 1]
      w.datum = count + 1
      return task.scheduler:send(d)
    end
  end
  return task.scheduler:suspend()
end
local function device(task, p)
  local s = task.state
  if p then
    s.pending = p
    return task.scheduler:hold()
  end
  if not s.pending then return task.scheduler:suspend() end
  p, s.pending = s.pending, nil
  return task.scheduler:send(p)
end

local function run()
  local s = Scheduler.new()
  s:add(IDLE, 0, nil, idle, { seed = 1, count = 4000 })
  s.list.is_suspended, s.list.is_runnable = false, false
  local function chain(n, task, kind)
    local q
    for _ = 1, n do q = packet(q, task, kind) end
    return q
  end
  s:add(WORKER, 1000, chain(2, nil, KIND_WORK), work, { target = HANDLER_A, letter = 0 })
  s:add(HANDLER_A, 2000, chain(3, DEVICE_A, KIND_DEVICE), handle, {})
  s:add(HANDLER_B, 3000, chain(3, DEVICE_B, KIND_DEVICE), handle, {})
  s:add(DEVICE_A, 4000, nil, device, {})
  s:add(DEVICE_B, 5000, nil, device, {})
  s.list.link.link.is_suspended = true
  s:loop()
  return s.queued, s.held
end
local queued, held = 0, 0
for _ = 1, 20 do
  local a, b = run()
  queued, held = queued + a, held + b
end
print(queued, held)
