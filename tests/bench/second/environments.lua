-- environments.lua - functions with their own globals: setfenv, getfenv, loadstring, module-like tables (needs setfenv)
local function run()
  local sum = 0
  local source = 'total = (total or 0) + step; return function(n) total = total + n return total end'
  local chunk = assert(loadstring(source, '=chunk'))
  for i = 1, 12000 do
    local env = setmetatable({ step = i % 7 }, { __index = _G })
    setfenv(chunk, env)
    local add = chunk()
    for k = 1, 4 do add(k) end
    sum = sum + env.total + (getfenv(add) == env and 1 or 0)
  end
  for i = 1, 400 do
    local f = assert(loadstring('local a, b = ... return a * ' .. i .. ' + b'))
    for k = 1, 10 do sum = sum + f(k, i) end
  end
  print(sum)
end
for _ = 1, 16 do run() end
