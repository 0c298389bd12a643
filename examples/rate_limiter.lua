-- rate_limiter.lua - how many requests may this caller still make?
--
-- A sliding window kept as two fixed windows: the previous window counts in
-- proportion to how much of it the sliding window still covers. Memory per
-- caller is two small counters, however many requests arrive.
--
--   KEYS[1]  prefix of the counters, for example rate:user:42
--   ARGV[1]  limit: requests allowed per window
--   ARGV[2]  window in milliseconds
--   ARGV[3]  cost of this request            (optional, default 1)
--   ARGV[4]  now in milliseconds             (optional, default the server's TIME)
--
-- Answer: { allowed 0|1, remaining, retry after in ms (-1: never), used now }
--
--   ferrous-sandboxctl run examples/rate_limiter.lua rate:user:42 , 5 10000
local prefix = KEYS[1]
local limit  = tonumber(ARGV[1])
local window = tonumber(ARGV[2])
local cost   = tonumber(ARGV[3] or '1')

if not prefix then
  return redis.error_reply('RATELIMIT one key is needed: the prefix of the counters')
end
if not limit or limit < 1 or not window or window < 1 or not cost or cost < 0 then
  return redis.error_reply('RATELIMIT arguments are: limit window_ms [cost] [now_ms]')
end

local function server_time_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local now = tonumber(ARGV[4]) or server_time_ms()

-- Windows are numbered from the epoch, so every client agrees on them.
local index    = math.floor(now / window)
local elapsed  = now - index * window
local this_key = prefix .. ':' .. string.format('%.0f', index)
local last_key = prefix .. ':' .. string.format('%.0f', index - 1)

local counts = redis.call('MGET', this_key, last_key)
local current  = tonumber(counts[1] or '0')
local previous = tonumber(counts[2] or '0')

local function used_at(moment)
  local weight = (window - moment) / window
  return previous * weight + current
end

local used = used_at(elapsed)

-- How far into a window whose predecessor counted `before` a request of this
-- cost first fits beside the `present` ones of the window itself.
local function fits_from(before, present)
  local room = limit - cost - present
  if room >= before then return 0 end
  return window * (1 - room / before)
end

if used + cost > limit then
  local retry = -1                                -- dearer than the limit: never
  if current + cost <= limit then                 -- fits later in this window
    retry = fits_from(previous, current) - elapsed
  elseif cost <= limit then                       -- fits in the next one
    retry = window - elapsed + fits_from(current, 0)
  end
  return { 0, math.max(0, math.floor(limit - used)), math.ceil(retry), math.ceil(used) }
end

if cost > 0 then
  redis.call('INCRBY', this_key, cost)
  redis.call('PEXPIRE', this_key, window * 2)
end
return { 1, math.floor(limit - used - cost), 0, math.ceil(used + cost) }
