-- eval_scripts.lua - limiter, queue and lock as EVAL runs them, the store mocked
local store = {}
local commands = {}
function commands.GET(k) return store[k] or false end
function commands.SET(k, v, nx) if nx == 'NX' and store[k] then return false end store[k] = tostring(v) return { ok = 'OK' } end
function commands.DEL(k) local had = store[k] store[k] = nil return had and 1 or 0 end
function commands.INCRBY(k, n) local v = tonumber(store[k] or '0') + n store[k] = tostring(v) return v end
function commands.PEXPIRE() return 1 end
function commands.HGET(k, f) local h = store[k] return h and h[f] or false end
function commands.HSET(k, ...)
  local h = store[k]
  if not h then h = {} store[k] = h end
  for i = 1, select('#', ...), 2 do
    local f, v = select(i, ...)
    h[f] = tostring(v)
  end
  return 1
end
function commands.HINCRBY(k, f, n) local v = tonumber(commands.HGET(k, f) or '0') + n commands.HSET(k, f, v) return v end
function commands.LPUSH(k, v) local l = store[k] if not l then l = { first = 1, last = 0 } store[k] = l end l.last = l.last + 1 l[l.last] = v return l.last - l.first + 1 end
function commands.RPOP(k) local l = store[k] if not l or l.first > l.last then return false end local v = l[l.first] l[l.first] = nil l.first = l.first + 1 return v end
local redis = { call = function(name, ...) return commands[name](...) end }

local function limiter(KEYS, ARGV)
  local limit, window, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
  local index = math.floor(now / window)
  local this_key, last_key = KEYS[1] .. ':' .. index, KEYS[1] .. ':' .. index - 1
  local current = tonumber(redis.call('GET', this_key) or '0')
  local previous = tonumber(redis.call('GET', last_key) or '0')
  local used = previous * (window - (now - index * window)) / window + current
  if used + 1 > limit then return { 0, math.floor(limit - used) } end
  redis.call('INCRBY', this_key, 1)
  redis.call('PEXPIRE', this_key, window * 2)
  return { 1, math.floor(limit - used - 1) }
end
local function queue(KEYS, ARGV)
  local id = redis.call('INCRBY', KEYS[1] .. ':id', 1)
  local key = KEYS[1] .. ':' .. id
  redis.call('HSET', key, 'name', ARGV[1], 'data', ARGV[2], 'attempts', 0, 'at', ARGV[3])
  redis.call('LPUSH', KEYS[1] .. ':wait', id)
  if id % 2 == 0 then
    local job = redis.call('RPOP', KEYS[1] .. ':wait')
    local job_key = KEYS[1] .. ':' .. job
    redis.call('HINCRBY', job_key, 'attempts', 1)
    local result = { job, redis.call('HGET', job_key, 'name'), redis.call('HGET', job_key, 'attempts') }
    redis.call('DEL', job_key)
    return result
  end
  return id
end
local function lock(KEYS, ARGV)
  if redis.call('GET', KEYS[1]) == ARGV[1] then
    return redis.call('DEL', KEYS[1])
  end
  if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
  return 0
end

local allowed, popped, locked = 0, 0, 0
for i = 1, 25000 do
  allowed = allowed + limiter({ 'rate:' .. i % 50 }, { '20', '60000', tostring(1700000000000 + i * 37) })[1]
  local r = queue({ 'q' }, { 'send', '{"n":' .. i .. '}', tostring(i) })
  if type(r) == 'table' then popped = popped + r[3] end
  locked = locked + lock({ 'lock:' .. i % 20 }, { 'owner' .. i % 3, '5000' })
end
print(allowed, popped, locked)
