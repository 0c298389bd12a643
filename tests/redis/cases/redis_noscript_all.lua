-- Every command and subcommand that says noscript, with as many arguments as it wants.
local out = {}
local function visit(entry, parent)
  local noscript = false
  for _, flag in ipairs(entry[3]) do noscript = noscript or flag.ok == 'noscript' end
  if noscript and #entry[10] == 0 then
    local words = {}
    for word in entry[1]:gmatch('[^|]+') do words[#words + 1] = word end
    while #words < math.abs(entry[2]) do words[#words + 1] = 'x' end
    local reply = redis.pcall(unpack(words))
    out[#out + 1] = entry[1] .. ' ' .. (type(reply) == 'table' and reply.err or type(reply))
  end
  for _, sub in ipairs(entry[10]) do visit(sub) end
end
for _, entry in ipairs(redis.call('command')) do
  if not entry[1]:find('.', 1, true) then visit(entry) end -- a dot: a module's command
end
table.sort(out)
return out
