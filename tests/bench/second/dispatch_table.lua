-- dispatch_table.lua - commands taken from strings and run by a table of functions, results in replies
local function run()
  local store, handlers = {}, {}
  handlers.set = function(key, value) store[key] = value return 'OK' end
  handlers.get = function(key) return store[key] or false end
  handlers.incr = function(key) local n = tonumber(store[key] or '0') + 1 store[key] = tostring(n) return n end
  handlers.append = function(key, value) store[key] = (store[key] or '') .. value return #store[key] end
  handlers.del = function(...)
    local n = 0
    for i = 1, select('#', ...) do
      local key = select(i, ...)
      if store[key] ~= nil then n = n + 1 store[key] = nil end
    end
    return n
  end
  local function run(line)
    local words = {}
    for w in line:gmatch('%S+') do words[#words + 1] = w end
    local handler = handlers[words[1]:lower()]
    if not handler then return nil, 'unknown command' end
    return handler(unpack(words, 2))
  end
  local lines = { 'SET a 1', 'GET a', 'INCR a', 'APPEND b xyz', 'DEL b c', 'GET b', 'INCR counter', 'PING' }
  local n, unknown = 0, 0
  for i = 1, 9000 do
    for k = 1, #lines do
      local reply, problem = run(lines[k])
      if problem then unknown = unknown + 1 else n = n + (tonumber(reply) or 1) % 1000 end
    end
  end
  print(n, unknown)
end
for _ = 1, 3 do run() end
