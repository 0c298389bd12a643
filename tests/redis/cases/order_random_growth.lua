local seed = 12345
local function rnd(n) seed = (seed * 1103515245 + 12345) % 2147483648 return math.floor(seed / 65536) % n end
local out = {}
for round = 1, 40 do
  local t = {}
  for step = 1, 60 do
    local kind = rnd(5)
    local k
    if kind == 0 then k = rnd(40) elseif kind == 1 then k = 'k' .. rnd(50) elseif kind == 2 then k = rnd(1000) / 8 elseif kind == 3 then k = rnd(2) == 0 else k = ('s'):rep(rnd(45)) .. rnd(9) end
    if rnd(4) == 0 then t[k] = nil else t[k] = step end
  end
  local s = {}
  for k, v in pairs(t) do s[#s + 1] = tostring(k) .. '=' .. v end
  out[round] = #t .. ' ' .. #s .. ' ' .. redis.sha1hex(table.concat(s, ' '))
end
return out
