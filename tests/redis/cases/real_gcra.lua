-- keys: gcra
-- args: 1700000000000 1000 5
-- runs: 7
local now, emission, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local tat = tonumber(redis.call('GET', KEYS[1])) or now
tat = math.max(tat, now)
local allow_at = tat + emission - burst * emission
if now < allow_at then return { 0, allow_at - now } end
redis.call('SET', KEYS[1], string.format('%.0f', tat + emission), 'PX', math.ceil(tat + emission - now))
return { 1, math.floor((now - allow_at) / emission) }
