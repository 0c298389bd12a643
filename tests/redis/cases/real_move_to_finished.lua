-- keys: q:active q:completed q:wait
-- args: q: 1 tok 1700000001000 '"result"' 2
-- seed: LPUSH q:active 1; HSET q:1 name n; SET q:1:lock tok PX 50000; ZADD q:completed 1 a 2 b 3 c; HSET q:a x 1; HSET q:b x 1; HSET q:c x 1
-- runs: 2
local rcall = redis.call
local prefix, id, token, at, value, keep = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local key = prefix .. id
if rcall('EXISTS', key) == 0 then return -1 end
if rcall('GET', key .. ':lock') ~= token then return rcall('EXISTS', key .. ':lock') == 1 and -6 or -2 end
if rcall('LREM', KEYS[1], -1, id) < 1 then return -3 end
rcall('DEL', key .. ':lock')
rcall('ZADD', KEYS[2], at, id)
rcall('HSET', key, 'returnvalue', value, 'finishedOn', at)
local old = rcall('ZREVRANGE', KEYS[2], keep, -1)
for _, oldId in ipairs(old) do rcall('DEL', prefix .. oldId) end
rcall('ZREMRANGEBYRANK', KEYS[2], 0, -(keep + 1))
return { 0, old, rcall('ZRANGE', KEYS[2], 0, -1) }
