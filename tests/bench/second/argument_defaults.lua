-- argument_defaults.lua - optional arguments, select('#', ...), unpack, and forwarding of argument lists
local function run()
  local function describe(name, options, ...)
    options = options or {}
    local width, fill = options.width or 10, options.fill or '.'
    local n = select('#', ...)
    local extra = n > 0 and select(n, ...) or 'none'
    return #name + width + #fill + n + (extra == 'none' and 0 or extra)
  end
  local function forward(f, ...) return f(...) end
  local function tail(_, ...) return ... end
  local function drop(n, ...)
    if n == 0 then return ... end
    return drop(n - 1, tail(...))
  end
  local sum = 0
  local wide = { width = 20 }
  for i = 1, 60000 do
    sum = sum + describe('a')
    sum = sum + describe('ab', wide)
    sum = sum + describe('abc', nil, i)
    sum = sum + forward(describe, 'abcd', wide, i, i + 1, i + 2)
    sum = sum + select('#', drop(3, 1, 2, 3, i, nil))
    local list = { drop(1, i, i, i) }
    sum = sum + select('#', unpack(list, 1, 4)) + #list
  end
  print(sum)
end
for _ = 1, 3 do run() end
