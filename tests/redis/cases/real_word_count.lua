-- args: 'the cat and the dog and the bird'
local counts = {}
for w in ARGV[1]:gmatch('%a+') do counts[w] = (counts[w] or 0) + 1 end
local words = {}
for w in pairs(counts) do words[#words + 1] = w end
table.sort(words, function(a, b) return counts[a] > counts[b] or counts[a] == counts[b] and a < b end)
for i, w in ipairs(words) do redis.call('ZADD', 'words', counts[w], w) words[i] = w .. '=' .. counts[w] end
return words
