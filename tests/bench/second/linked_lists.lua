-- linked_lists.lua - lists of pairs built, reversed, merged and walked; a ring of players
local function run()
  local function build(n) local l for i = n, 1, -1 do l = { i, l } end return l end
  local function reverse(l)
    local out
    while l do l, l[2], out = l[2], out, l end
    return out
  end
  local function merge(a, b)
    if not a then return b end
    if not b then return a end
    if a[1] <= b[1] then return { a[1], merge(a[2], b) } end
    return { b[1], merge(a, b[2]) }
  end
  local function sum(l) local s = 0 while l do s = s + l[1] l = l[2] end return s end
  local total = 0
  for round = 1, 60 do
    total = total + sum(reverse(build(1000))) + sum(merge(build(100), build(80)))
  end
  local first = { id = 1 }
  local last = first
  for i = 2, 1000 do
    last.next = { id = i, previous = last }
    last = last.next
  end
  last.next, first.previous = first, last
  local at, left = first, 1000
  while left > 1 do
    for _ = 1, 6 do at = at.next end
    at.previous.next, at.next.previous = at.next, at.previous
    at, left = at.next, left - 1
  end
  print(total, at.id)
end
for _ = 1, 12 do run() end
