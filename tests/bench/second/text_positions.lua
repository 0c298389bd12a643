-- text_positions.lua - lines and columns of a text by find, a scanner with anchored patterns, escapes
local function run()
  local source = ([[
  local x = 10 -- a comment
  function name(a, b) return a + b * 2.5 end
  if x >= 10 then print("a string with \"escapes\"", 'another') end
  ]]):rep(8)
  local kinds = {
    { '^%s+' }, { '^%-%-[^\n]*' }, { '^[%a_][%w_]*', 'name' }, { '^%d+%.?%d*', 'number' },
    { '^"[^"\\]*"', 'string' }, { "^'[^']*'", 'string' }, { '^"', 'quote' }, { '^[=<>~]=', 'operator' }, { '^[%p]', 'sign' },
  }
  local counts, n = {}, 0
  for round = 1, 25 do
    local at = 1
    while at <= #source do
      for i = 1, #kinds do
        local from, to = source:find(kinds[i][1], at)
        if from then
          local kind = kinds[i][2]
          if kind then counts[kind] = (counts[kind] or 0) + 1 end
          at = to + 1
          break
        end
      end
    end
    local line = 0
    for from, to in source:gmatch('()[^\n]*()\n') do line = line + 1 n = n + (to - from) * line end
  end
  print(counts.name, counts.number, counts.string, counts.sign, counts.operator, counts.quote, n)
end
for _ = 1, 32 do run() end
