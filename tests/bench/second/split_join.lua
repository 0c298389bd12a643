-- split_join.lua - words split by gmatch, joined by concat, turned round, counted, trimmed
local function run()
  local line = '  the quick  brown fox,jumps over;the lazy dog   '
  local function trim(s) return (s:gsub('^%s+', ''):gsub('%s+$', '')) end
  local function trim5(s) return s:match('^%s*(.-)%s*$') end
  local function split(s, pattern)
    local out = {}
    for w in s:gmatch(pattern) do out[#out + 1] = w end
    return out
  end
  local n = 0
  for i = 1, 9000 do
    local words = split(line, '[^%s,;]+')
    for a = 1, math.floor(#words / 2) do words[a], words[#words - a + 1] = words[#words - a + 1], words[a] end
    n = n + #table.concat(words, ' ', 2) + #trim(line) + #trim5(line)
    local capital = trim5(line):gsub('^%l', string.upper)
    n = n + capital:byte()
  end
  print(n)
end
for _ = 1, 3 do run() end
