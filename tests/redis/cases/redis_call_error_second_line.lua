-- seed: SET s x

local function inner()
  return redis.call('HGET', 's', 'f')
end
local function outer()
  inner()
end
outer()
