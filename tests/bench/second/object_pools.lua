-- object_pools.lua - objects taken from a pool and given back, particles that live and die
local function run()
  local pool, made = {}, 0
  local function take()
    local n = #pool
    if n == 0 then made = made + 1 return {} end
    local p = pool[n]
    pool[n] = nil
    return p
  end
  local live, seed = {}, 11
  local function random() seed = (seed * 16807) % 2147483647 return seed / 2147483647 end
  local function spawn()
    local p = take()
    p.x, p.y, p.vx, p.vy, p.life = 0, 0, random() - 0.5, random(), 20 + random() * 30
    live[#live + 1] = p
  end
  local sum = 0
  for step = 1, 1200 do
    for _ = 1, 4 do spawn() end
    for i = #live, 1, -1 do
      local p = live[i]
      p.x, p.y, p.vy, p.life = p.x + p.vx, p.y + p.vy, p.vy - 0.02, p.life - 1
      if p.life <= 0 then
        sum = sum + p.x * p.x
        live[i] = live[#live]
        live[#live] = nil
        pool[#pool + 1] = p
      end
    end
  end
  print(('%.6f'):format(sum), made, #live)
end
for _ = 1, 8 do run() end
