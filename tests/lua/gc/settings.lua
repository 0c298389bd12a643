print(collectgarbage('setpause', 150), collectgarbage('setpause', 200)) -- expect: 200	150
print(collectgarbage('setstepmul', 300), collectgarbage('setstepmul', 200)) -- expect: 200	300
print(collectgarbage('stop'), collectgarbage('restart'))     -- expect: 0	0
local t = setmetatable({}, {__mode = 'k'})
t[{}] = 1
while not collectgarbage('step', 1000) do end
collectgarbage()
print(next(t), collectgarbage('count') > 0)                  -- expect: nil	true
-- Larger steps are fewer, and small ones do not go through the whole heap each time.
local function rounds(size)
  local n = 0
  repeat n = n + 1 until collectgarbage('step', size)
  return n
end
local kept = {}
for i = 1, 1000 do kept[i] = { i } end
collectgarbage()
print(rounds(0) > 10, rounds(6) < rounds(2), rounds(10000), rounds(1000000)) -- expect: true	true	1	1
print(pcall(collectgarbage, 'sweep'))                        -- expect: false	bad argument #1 to '?' (invalid option 'sweep')
