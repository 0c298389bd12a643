print(collectgarbage('setpause', 150), collectgarbage('setpause', 200)) -- expect: 200	150
print(collectgarbage('setstepmul', 300), collectgarbage('setstepmul', 200)) -- expect: 200	300
print(collectgarbage('stop'), collectgarbage('restart'))     -- expect: 0	0
local t = setmetatable({}, {__mode = 'k'})
t[{}] = 1
while not collectgarbage('step', 1000) do end
collectgarbage()
print(next(t), collectgarbage('count') > 0)                  -- expect: nil	true
print(pcall(collectgarbage, 'sweep'))                        -- expect: false	bad argument #1 to '?' (invalid option 'sweep')
