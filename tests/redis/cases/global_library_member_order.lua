local out = {}
for _, lib in ipairs{ 'string', 'table', 'math', 'coroutine', 'bit', 'cjson' } do
  local names = {}
  for k in pairs(_G[lib]) do names[#names + 1] = k end
  out[#out + 1] = lib .. ' ' .. table.concat(names, ' ')
end
return out
