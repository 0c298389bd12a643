-- keys: q:wait q:active q:limiter
-- args: q: 1700000000000 tok 30000
-- seed: LPUSH q:wait 1 2; HSET q:1 name n data {} attemptsMade 0; HSET q:2 name m data {}
-- runs: 3
local rcall = redis.call
local jobId = rcall('RPOPLPUSH', KEYS[1], KEYS[2])
if not jobId then return { 0, 0, 0 } end
local jobKey = ARGV[1] .. jobId
rcall('SET', jobKey .. ':lock', ARGV[3], 'PX', ARGV[4])
rcall('HSET', jobKey, 'processedOn', ARGV[2])
rcall('HINCRBY', jobKey, 'ats', 1)
return { rcall('HGETALL', jobKey), jobId, tonumber(rcall('GET', KEYS[3]) or '0') }
