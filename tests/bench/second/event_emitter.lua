-- event_emitter.lua - listeners in lists, closures that keep state, once-handlers that remove themselves
local function run()
  local Emitter = {}
  Emitter.__index = Emitter
  function Emitter.new() return setmetatable({ lists = {} }, Emitter) end
  function Emitter:on(name, f)
    local list = self.lists[name] or {}
    self.lists[name] = list
    list[#list + 1] = f
  end
  function Emitter:off(name, f)
    local list = self.lists[name]
    for i = #list, 1, -1 do if list[i] == f then table.remove(list, i) end end
  end
  function Emitter:once(name, f)
    local function wrapper(...)
      self:off(name, wrapper)
      return f(...)
    end
    self:on(name, wrapper)
  end
  function Emitter:emit(name, ...)
    local list = self.lists[name]
    if not list then return 0 end
    for i = #list, 1, -1 do list[i](...) end
    return #list
  end
  local e, sum = Emitter.new(), 0
  for i = 1, 8 do e:on('tick', function(n, s) sum = sum + n * i + #s end) end
  for i = 1, 15000 do
    e:once('tick', function(n) sum = sum - n end)
    e:emit('tick', i, 'abc')
    e:emit('nobody', i)
  end
  print(sum)
end
for _ = 1, 9 do run() end
