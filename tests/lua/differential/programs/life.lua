-- life.lua - a glider and a blinker on a torus
local w, h = 16, 10
local function grid() local g = {} for y = 1, h do g[y] = {} for x = 1, w do g[y][x] = false end end return g end
local g = grid()
for _, p in ipairs{ { 2, 1 }, { 3, 2 }, { 1, 3 }, { 2, 3 }, { 3, 3 }, { 10, 5 }, { 11, 5 }, { 12, 5 } } do g[p[2]][p[1]] = true end
local function alive(g, x, y) return g[(y - 1) % h + 1][(x - 1) % w + 1] and 1 or 0 end
local function step(g)
  local n = grid()
  for y = 1, h do for x = 1, w do
    local c = 0
    for dy = -1, 1 do for dx = -1, 1 do if dx ~= 0 or dy ~= 0 then c = c + alive(g, x + dx, y + dy) end end end
    n[y][x] = c == 3 or (g[y][x] and c == 2)
  end end
  return n
end
for generation = 0, 24 do
  if generation % 8 == 0 then
    for y = 1, h do local row = {} for x = 1, w do row[x] = g[y][x] and '#' or '.' end print(table.concat(row)) end
    print(('-'):rep(w), generation)
  end
  g = step(g)
end
