-- patterns.lua - gsub, gmatch, match, find with captures
local log = {}
for i = 1, 400 do log[i] = ('2024-%02d-%02d user=%d action=%s size=%d'):format(i % 12 + 1, i % 28 + 1, i, i % 3 == 0 and 'read' or 'write', i * 37) end
local text = table.concat(log, '\n')
local sum = 0
for round = 1, 120 do
  for y, m, d, user, action, size in text:gmatch('(%d+)%-(%d+)%-(%d+) user=(%d+) action=(%a+) size=(%d+)') do
    sum = sum + y + m + d + user + #action + size
  end
  local swapped, n = text:gsub('(%w+)=(%w+)', '%2:%1')
  sum = sum + n + #swapped
  local upper, k = text:gsub('%a+', function(w) return w == 'read' and 'READ' or nil end)
  sum = sum + k + #upper
  local mapped = text:gsub('%a+', { user = 'u', size = 's' })
  sum = sum + #mapped
  for line in text:gmatch('[^\n]+') do
    if line:find('^2024%-0[1-6]') then sum = sum + 1 end
    if line:match('size=%d*7$') then sum = sum + 3 end
  end
  sum = sum + #(text:gsub('%s+', ' '))
end
print(sum)
