-- variables captured by reference close where their block ends, wherever boxes and stacks lie
local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end
local kept, garbage = {}, {}
for round = 1, 200 do
  garbage[round % 7] = { round, tostring(round) .. 'x' }
  for i = 1, 3 do
    local v = i
    kept[#kept % 30 + 1] = function() v = v + 1 return v end
    if i == 2 then deep(round) end
  end
end
local sum = 0
for i = 1, 30 do sum = sum + kept[i]() + kept[i]() end
print(sum)                                                   -- expect: 214
local function count(f) return f() + f() end
local function tail(n)
  local v = n
  local function f() v = v + 1 return v end
  if n > 0 then return count(f) end
  return f
end
local f = tail(0)
print(tail(5), tail(6), f(), f())                            -- expect: 13	15	1	2
local function self_tail(n, made)
  local v = n
  made[n] = function() v = v * 2 return v end
  if n == 1 then return made end
  return self_tail(n - 1, made)
end
local made = self_tail(50, {})
print(made[1](), made[50](), made[50](), made[7]())          -- expect: 2	100	200	14

-- What a break closes is known only behind it, when the local is assigned there.
local function leave(early)
  local take
  local rounds = 0
  while true do
    local v = 10 + rounds
    take = function() return v end
    if early or rounds == 1 then break end
    do
      local w = 5
      local other = function() return w end
      if rounds > 5 then break end
      w = other() + 1
    end
    v = v * 2
    rounds = rounds + 1
  end
  local x, y, z = 'x', 'y', 'z'
  return take(), rounds, x .. y .. z
end
print(leave(true)) -- expect: 10	0	xyz
print(leave(false)) -- expect: 11	1	xyz

-- The same where the body of a repeat is left by its condition, and by a break.
local function again(stop)
  local got = {}
  local n = 0
  repeat
    local v = n
    got[#got + 1] = function() v = v + 1 return v end
    if n == stop then break end
    n = n + 1
    v = v + 100
  until v > 102
  local a, b = 'a', 'b'
  for i = 1, #got do a = a .. got[i]() .. ' ' end
  return a .. b
end
print(again(1)) -- expect: a101 2 b
print(again(9)) -- expect: a101 102 103 104 b
