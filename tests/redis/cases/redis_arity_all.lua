-- Every command that wants arguments, called with one too few and, where that is wrong, one too many.
local out = {}
local function try(words)
  local reply = redis.pcall(unpack(words))
  return type(reply) == 'table' and reply.err or type(reply)
end
local function visit(entry)
  local words = {}
  for word in entry[1]:gmatch('[^|]+') do words[#words + 1] = word end
  local least = math.abs(entry[2])
  if #entry[10] == 0 and least > #words then
    while #words < least - 1 do words[#words + 1] = 'x' end
    out[#out + 1] = entry[1] .. ' ' .. try(words)
  end
  if #entry[10] == 0 and entry[2] > 0 then
    while #words < least + 1 do words[#words + 1] = 'x' end
    out[#out + 1] = entry[1] .. ' ' .. try(words)
  end
  for _, sub in ipairs(entry[10]) do visit(sub) end
end
for _, entry in ipairs(redis.call('command')) do
  if not entry[1]:find('.', 1, true) then visit(entry) end -- a dot: a module's command
end
table.sort(out)
return out
