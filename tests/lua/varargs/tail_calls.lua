-- A function with ... called in tail position takes its caller's place, whatever either of them has.
local function list(...)
  local line = {}
  for i = 1, select('#', ...) do line[i] = tostring((select(i, ...))) end
  return #line .. ':' .. table.concat(line, ' ')
end
local function extra(a, b, ...) return list(a, b, ...) end
local function plain(...) return extra(...) end
local function fixed(a, b, c) return extra(c, b, a, 'last') end
local function fewer(a) return extra(a) end
local function none() return extra() end
local function both(x, ...) return extra(..., x) end
print(plain()) -- expect: 2:nil nil
print(plain(1)) -- expect: 2:1 nil
print(plain(1, 2, nil, 4)) -- expect: 4:1 2 nil 4
print(fixed(1, 2, 3)) -- expect: 4:3 2 1 last
print(fewer(7)) -- expect: 2:7 nil
print(none()) -- expect: 2:nil nil
print(both(1, 2, 3)) -- expect: 2:2 1

-- Many of them need no more stack, and what they hand on stays.
local function down(n, ...)
  if n == 0 then return list(...) end
  return down(n - 1, n, ...)
end
local function flat(n, ...)
  if n == 0 then return list(...) end
  return flat(n - 1, ...)
end
print(flat(100000, 'a', nil, 'c')) -- expect: 3:a nil c
print(#down(200)) -- expect: 695

-- A captured local of the caller is closed first.
local kept
local function captures(v, ...)
  local mine = v
  kept = function(to) mine = to or mine return mine end
  return extra(mine, ...)
end
print(captures('x', 'y', 'z')) -- expect: 3:x y z
kept('w')
print(kept()) -- expect: w

-- In a coroutine, across a yield.
local function yields(...) return coroutine.yield(select('#', ...), ...) end
local co = coroutine.wrap(function(...) return yields(...) end)
print(list(co(1, nil, 3))) -- expect: 4:3 1 nil 3
print(list(co('end'))) -- expect: 1:end
