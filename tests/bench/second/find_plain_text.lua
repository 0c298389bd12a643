-- find_plain_text.lua - plain searches in a long text, counting and replacing without patterns
local function run()
  local words = { 'alpha', 'beta', 'gamma', 'delta', 'epsilon' }
  local parts = {}
  for i = 1, 3000 do parts[i] = words[i * 7 % 5 + 1] .. (i % 50 == 0 and ' needle ' or ' ') end
  local text = table.concat(parts)
  local function count(needle)
    local n, at = 0, 1
    while true do
      local from, to = text:find(needle, at, true)
      if not from then return n end
      n = n + 1
      at = to + 1
    end
  end
  local function replace(needle, with)
    local out, at = {}, 1
    while true do
      local from, to = text:find(needle, at, true)
      if not from then break end
      out[#out + 1] = text:sub(at, from - 1)
      out[#out + 1] = with
      at = to + 1
    end
    out[#out + 1] = text:sub(at)
    return table.concat(out)
  end
  local sum = 0
  for round = 1, 40 do
    sum = sum + count('needle') + count('gamma') + count('a') + count('missing word')
    sum = sum + #replace('needle', 'pin')
  end
  print(sum)
end
for _ = 1, 13 do run() end
