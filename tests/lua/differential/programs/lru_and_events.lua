-- lru_and_events.lua - a linked LRU cache, an event emitter, memoisation, weak keys
local Lru = {} Lru.__index = Lru
function Lru.new(n) local head, tail = {}, {} head.next, tail.prev = tail, head return setmetatable({ max = n, size = 0, map = {}, head = head, tail = tail }, Lru) end
local function unlink(n) n.prev.next, n.next.prev = n.next, n.prev end
function Lru:front(n) n.next, n.prev = self.head.next, self.head self.head.next.prev = n self.head.next = n end
function Lru:get(k) local n = self.map[k] if not n then return nil end unlink(n) self:front(n) return n.value end
function Lru:put(k, v)
  local n = self.map[k]
  if n then n.value = v unlink(n) self:front(n) return end
  if self.size == self.max then local last = self.tail.prev unlink(last) self.map[last.key] = nil self.size = self.size - 1 end
  n = { key = k, value = v } self.map[k] = n self:front(n) self.size = self.size + 1
end
function Lru:keys() local o, n = {}, self.head.next while n ~= self.tail do o[#o + 1] = n.key n = n.next end return table.concat(o, ' ') end
local c = Lru.new(3)
for _, k in ipairs{ 'a', 'b', 'c' } do c:put(k, k:upper()) end
print(c:get('a'), c:keys())
c:put('d', 'D')
print(c:get('b'), c:keys(), c.size)
for i = 1, 100 do c:put(i % 7, i) c:get(i % 3) end
print(c:keys())
local Emitter = {}
Emitter.__index = function(t, k) return rawget(Emitter, k) or function(self, ...) return self:emit(k, ...) end end
function Emitter.on(self, name, f) local l = self.handlers[name] or {} l[#l + 1] = f self.handlers[name] = l return self end
function Emitter.emit(self, name, ...)
  local results = {}
  for i, f in ipairs(self.handlers[name] or {}) do local ok, r = pcall(f, ...) results[i] = (ok and 'ok:' or 'failed:') .. tostring(r) end
  return table.concat(results, ',')
end
local e = setmetatable({ handlers = {} }, Emitter)
e:on('add', function(a, b) return a + b end):on('add', function(a) error('no ' .. a, 0) end)
print(e:emit('add', 1, 2), e:add(3, 4), e:nothing(1) == '')
local function memoize(f) local cache = setmetatable({}, { __mode = 'k' }) return function(t) local v = cache[t] if v == nil then v = f(t) cache[t] = v end return v end end
local calls = 0
local len = memoize(function(t) calls = calls + 1 return #t end)
local list = { 1, 2, 3 }
print(len(list), len(list), calls)
