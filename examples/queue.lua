-- queue.lua - a reliable work queue with priorities, leases and retries.
--
--   KEYS[1] queue name; the script keeps
--     <name>:id       counter of job numbers
--     <name>:waiting  sorted set, score = priority * 2^32 + job number
--     <name>:active   sorted set, score = end of the lease in ms
--     <name>:dead     list of jobs that failed too often
--     <name>:job:<id> hash: payload, priority, attempts
--   ARGV[1] command, then its arguments:
--     add  <payload> [priority]            -> job id
--     take <now_ms> <lease_ms>             -> { id, payload, attempts } or nil
--     done <id>                            -> 1, or 0 if it was not active
--     fail <id> <max_attempts>             -> "retry", "dead" or "unknown"
--     sweep <now_ms> <max_attempts>        -> ids whose lease had ended
--     stats                                -> JSON text
--
--   ferrous-sandboxctl run examples/queue.lua mail , add '{"to":"ada"}' 3
local name = KEYS[1]
if not name then return redis.error_reply('QUEUE one key is needed: the queue name') end

local waiting, active, dead = name .. ':waiting', name .. ':active', name .. ':dead'
local PRIORITY_STEP = 4294967296

local function job_key(id) return name .. ':job:' .. id end

local function enqueue(id, priority)
  redis.call('ZADD', waiting, priority * PRIORITY_STEP + tonumber(id), id)
end

local function retry_or_bury(id, max_attempts)
  local job = redis.call('HMGET', job_key(id), 'attempts', 'priority')
  if tonumber(job[1]) >= max_attempts then
    redis.call('RPUSH', dead, id)
    return 'dead'
  end
  enqueue(id, tonumber(job[2]))
  return 'retry'
end

local commands = {}

function commands.add(payload, priority)
  if not payload then return redis.error_reply('QUEUE add needs a payload') end
  priority = tonumber(priority or '0')
  local id = tostring(redis.call('INCR', name .. ':id'))
  redis.call('HSET', job_key(id), 'payload', payload, 'priority', priority, 'attempts', 0)
  enqueue(id, priority)
  return tonumber(id)
end

function commands.take(now, lease)
  local popped = redis.call('ZPOPMIN', waiting)
  local id = popped[1]
  if not id then return nil end
  redis.call('ZADD', active, tonumber(now) + tonumber(lease), id)
  local attempts = redis.call('HINCRBY', job_key(id), 'attempts', 1)
  return { tonumber(id), redis.call('HGET', job_key(id), 'payload'), attempts }
end

function commands.done(id)
  if redis.call('ZREM', active, id) == 0 then return 0 end
  redis.call('DEL', job_key(id))
  return 1
end

function commands.fail(id, max_attempts)
  if redis.call('ZREM', active, id) == 0 then return 'unknown' end
  return retry_or_bury(id, tonumber(max_attempts))
end

function commands.sweep(now, max_attempts)
  local late = redis.call('ZRANGEBYSCORE', active, '-inf', now)
  for _, id in ipairs(late) do
    redis.call('ZREM', active, id)
    retry_or_bury(id, tonumber(max_attempts))
  end
  return late
end

function commands.stats()
  return cjson.encode({
    waiting = redis.call('ZCARD', waiting),
    active = redis.call('ZCARD', active),
    dead = redis.call('LLEN', dead),
  })
end

local command = commands[ARGV[1] or '']
if not command then
  return redis.error_reply('QUEUE unknown command: ' .. tostring(ARGV[1]))
end
return command(unpack(ARGV, 2))
