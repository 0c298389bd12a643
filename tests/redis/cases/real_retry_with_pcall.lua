-- seed: SET s text
local attempts, result = 0
repeat
  attempts = attempts + 1
  result = redis.pcall('INCRBY', attempts < 3 and 's' or 'n', 5)
until type(result) ~= 'table' or not result.err
return { attempts, result }
