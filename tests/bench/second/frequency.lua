-- frequency.lua - letters, words and pairs of words counted, ordered by count and name
local function run()
  local text = ([[it was the best of times it was the worst of times it was the age of wisdom it was the
  age of foolishness it was the epoch of belief it was the epoch of incredulity it was the season of light it
  was the season of darkness it was the spring of hope it was the winter of despair]]):rep(12)
  local sum = 0
  for round = 1, 12 do
    local words, letters, pairs_of, last = {}, {}, {}, nil
    for w in text:gmatch('%a+') do
      words[w] = (words[w] or 0) + 1
      if last then
        local key = last .. ' ' .. w
        pairs_of[key] = (pairs_of[key] or 0) + 1
      end
      last = w
    end
    for i = 1, #text do
      local c = text:sub(i, i)
      letters[c] = (letters[c] or 0) + 1
    end
    local order = {}
    for w in pairs(words) do order[#order + 1] = w end
    table.sort(order, function(a, b) if words[a] ~= words[b] then return words[a] > words[b] end return a < b end)
    sum = sum + words[order[1]] + letters['t'] + pairs_of['it was'] + #order
  end
  print(sum)
end
for _ = 1, 30 do run() end
