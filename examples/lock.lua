-- lock.lua - a lock with owner token, lease and fencing number.
--
--   KEYS[1] the lock        KEYS[2] its fencing counter
--   ARGV[1] acquire | extend | release | owner
--   ARGV[2] owner token     ARGV[3] lease in milliseconds (acquire, extend)
--
-- acquire answers a fencing number that grows with every holder, so that a
-- store can refuse a late write of an earlier holder; nil when the lock is held.
-- extend and release act only for the present owner and answer 1 or 0.
--
--   ferrous-sandboxctl run examples/lock.lua lock:a fence:a , acquire me 5000
local lock, fence = KEYS[1], KEYS[2]
local verb, token, lease = ARGV[1], ARGV[2], tonumber(ARGV[3] or '')

local function need(condition, text)
  if not condition then error({ err = 'LOCK ' .. text }) end
end

need(lock and fence, 'two keys are needed: the lock and its fencing counter')

local function owned() return redis.call('GET', lock) == token end

if verb == 'acquire' then
  need(token and lease, 'acquire needs a token and a lease in ms')
  if owned() then
    redis.call('PEXPIRE', lock, lease)
    return tonumber(redis.call('GET', fence))
  end
  if not redis.call('SET', lock, token, 'NX', 'PX', lease) then return nil end
  return redis.call('INCR', fence)
elseif verb == 'extend' then
  need(token and lease, 'extend needs a token and a lease in ms')
  return owned() and redis.call('PEXPIRE', lock, lease) or 0
elseif verb == 'release' then
  need(token, 'release needs a token')
  return owned() and redis.call('DEL', lock) or 0
elseif verb == 'owner' then
  return redis.call('GET', lock)
end
error({ err = 'LOCK unknown verb: ' .. tostring(verb) })
