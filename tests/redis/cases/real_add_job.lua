-- keys: q:wait q:paused q:meta q:id q:completed q:events
-- args: q: send-mail 1700000000000 '{"to":"ada","n":1}' '{"attempts":3,"delay":0,"jobId":"custom-7"}'
-- runs: 2
local prefix, name, timestamp, data = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local opts = cjson.decode(ARGV[5])
local counter = redis.call('INCR', KEYS[4])
local jobId = opts.jobId or counter
local jobKey = prefix .. jobId
local rcall = redis.call
if rcall('EXISTS', jobKey) == 1 then rcall('XADD', KEYS[6], '2-*', 'event', 'duplicated', 'jobId', jobId) return jobId .. '' end
rcall('HMSET', jobKey, 'name', name, 'data', data, 'opts', cjson.encode(opts), 'timestamp', timestamp, 'delay', opts.delay, 'priority', opts.priority or 0)
local target = rcall('HEXISTS', KEYS[3], 'paused') == 1 and KEYS[2] or KEYS[1]
rcall(opts.lifo and 'RPUSH' or 'LPUSH', target, jobId)
rcall('XADD', KEYS[6], '1-*', 'event', 'added', 'jobId', jobId, 'name', name)
return jobId .. ''
