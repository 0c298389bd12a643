-- constraints.lua - a one-way constraint solver: classes, inheritance, small objects
local function class(parent)
  local c = {}
  c.__index = c
  if parent then setmetatable(c, { __index = parent }) end
  c.new = function(...)
    local o = setmetatable({}, c)
    o:init(...)
    return o
  end
  return c
end
local REQUIRED, STRONG, MEDIUM, WEAKEST = 0, 1, 3, 6

local Variable = class()
function Variable:init(name, value)
  self.name, self.value, self.constraints = name, value, {}
  self.determined_by, self.mark, self.strength, self.stay = nil, 0, WEAKEST, true
end
function Variable:add(c) self.constraints[#self.constraints + 1] = c end
function Variable:remove(c)
  local kept = {}
  for _, other in ipairs(self.constraints) do if other ~= c then kept[#kept + 1] = other end end
  self.constraints = kept
  if self.determined_by == c then self.determined_by = nil end
end

local Constraint = class()
function Constraint:init(strength) self.strength = strength end
function Constraint:add_to(planner)
  self:attach()
  planner:incremental_add(self)
end
function Constraint:satisfy(mark, planner)
  self:choose(mark)
  if not self:satisfied() then
    assert(self.strength ~= REQUIRED, 'required constraint not satisfied')
    return nil
  end
  self:mark_inputs(mark)
  local out = self:output()
  local overridden = out.determined_by
  if overridden then overridden:unsatisfy() end
  out.determined_by = self
  assert(planner:propagate(self, mark), 'cycle')
  out.mark = mark
  return overridden
end
function Constraint:is_input() return false end

local Unary = class(Constraint)
function Unary:init(v, strength, planner)
  Constraint.init(self, strength)
  self.out, self.ok = v, false
  self:add_to(planner)
end
function Unary:attach() self.out:add(self) self.ok = false end
function Unary:choose(mark) self.ok = self.out.mark ~= mark and self.strength < self.out.strength end
function Unary:satisfied() return self.ok end
function Unary:unsatisfy() self.ok = false end
function Unary:mark_inputs() end
function Unary:output() return self.out end
function Unary:inputs_known() return true end
function Unary:recalculate()
  self.out.strength = self.strength
  self.out.stay = not self:is_input()
  if self.out.stay then self:execute() end
end
local Stay = class(Unary)
function Stay:execute() end
local Edit = class(Unary)
function Edit:is_input() return true end
function Edit:execute() end

local Binary = class(Constraint)
function Binary:init(a, b, strength, planner)
  Constraint.init(self, strength)
  self.a, self.b, self.direction = a, b, 0
  self:add_to(planner)
end
function Binary:attach() self.a:add(self) self.b:add(self) self.direction = 0 end
function Binary:choose(mark)
  local a, b, s = self.a, self.b, self.strength
  if a.mark == mark then
    self.direction = (b.mark ~= mark and s < b.strength) and 1 or 0
  elseif b.mark == mark then
    self.direction = s < a.strength and -1 or 0
  elseif a.strength > b.strength then
    self.direction = s < a.strength and -1 or 0
  else
    self.direction = s < b.strength and 1 or 0
  end
end
function Binary:satisfied() return self.direction ~= 0 end
function Binary:unsatisfy() self.direction = 0 end
function Binary:input() return self.direction > 0 and self.a or self.b end
function Binary:output() return self.direction > 0 and self.b or self.a end
function Binary:mark_inputs(mark) self:input().mark = mark end
function Binary:inputs_known(mark)
  local v = self:input()
  return v.mark == mark or v.stay or v.determined_by == nil
end
function Binary:recalculate()
  local i, o = self:input(), self:output()
  o.strength = math.max(self.strength, i.strength)
  o.stay = i.stay
  if o.stay then self:execute() end
end
local Equal = class(Binary)
function Equal:execute() self:output().value = self:input().value end
local Scale = class(Binary)
function Scale:init(src, factor, offset, dst, strength, planner)
  self.factor, self.offset = factor, offset
  Binary.init(self, src, dst, strength, planner)
end
function Scale:attach() Binary.attach(self) self.factor:add(self) self.offset:add(self) end
function Scale:execute()
  if self.direction > 0 then self.b.value = self.a.value * self.factor.value + self.offset.value
  else self.a.value = (self.b.value - self.offset.value) / self.factor.value end
end

local Planner = class()
function Planner:init() self.mark = 0 end
function Planner:new_mark() self.mark = self.mark + 1 return self.mark end
function Planner:incremental_add(c)
  local mark = self:new_mark()
  local overridden = c:satisfy(mark, self)
  while overridden do overridden = overridden:satisfy(mark, self) end
end
function Planner:incremental_remove(c)
  local out = c:output()
  c:unsatisfy()
  c.out:remove(c)
  local unsatisfied = {}
  out.determined_by, out.strength, out.stay = nil, WEAKEST, true
  local todo = { out }
  while #todo > 0 do
    local v = table.remove(todo)
    for _, other in ipairs(v.constraints) do
      if not other:satisfied() then unsatisfied[#unsatisfied + 1] = other
      elseif v.determined_by ~= other and other:output() ~= v then other:recalculate() todo[#todo + 1] = other:output() end
    end
  end
  table.sort(unsatisfied, function(x, y) return x.strength < y.strength end)
  for _, u in ipairs(unsatisfied) do self:incremental_add(u) end
end
function Planner:propagate(c, mark)
  local todo = { c }
  while #todo > 0 do
    local d = table.remove(todo)
    local out = d:output()
    if out.mark == mark then return false end
    d:recalculate()
    for _, other in ipairs(out.constraints) do
      if other ~= out.determined_by and other:satisfied() and other:output() ~= out then todo[#todo + 1] = other end
    end
  end
  return true
end
function Planner:plan_from(sources)
  local mark, plan, todo = self:new_mark(), {}, sources
  while #todo > 0 do
    local c = table.remove(todo)
    local out = c:output()
    if out.mark ~= mark and c:inputs_known(mark) then
      plan[#plan + 1] = c
      out.mark = mark
      for _, other in ipairs(out.constraints) do
        if other ~= out.determined_by and other:satisfied() and other:output() ~= out then todo[#todo + 1] = other end
      end
    end
  end
  return plan
end
local function change(planner, v, value)
  local edit = Edit.new(v, STRONG, planner)
  local plan = planner:plan_from({ edit })
  for i = 1, 10 do
    v.value = value + i
    for _, c in ipairs(plan) do c:execute() end
  end
  planner:incremental_remove(edit)
end

local function chain_test(n)
  local planner, first, previous, last = Planner.new()
  for i = 0, n do
    local v = Variable.new('v', 0)
    if previous then Equal.new(previous, v, REQUIRED, planner) end
    if i == 0 then first = v end
    if i == n then last = v end
    previous = v
  end
  Stay.new(last, MEDIUM, planner)
  change(planner, first, 100)
  return last.value
end
local function projection_test(n)
  local planner = Planner.new()
  local scale, offset, targets, src, dst = Variable.new('s', 10), Variable.new('o', 1000), {}
  for i = 1, n do
    src, dst = Variable.new('src', i), Variable.new('dst', i)
    targets[#targets + 1] = dst
    Stay.new(src, MEDIUM, planner)
    Scale.new(src, scale, offset, dst, REQUIRED, planner)
  end
  change(planner, src, 17)
  local a = dst.value
  change(planner, dst, 1050)
  local b = src.value
  change(planner, scale, 5)
  local sum = 0
  for i = 1, n - 1 do sum = sum + targets[i].value end
  return a, b, sum
end
local total = 0
for _ = 1, 14 do
  total = total + chain_test(1500)
  local a, b, c = projection_test(700)
  total = total + a + b + c
end
print(string.format('%.4f', total))
