local out = {}
for _, lib in ipairs{ 'string', 'table', 'math', 'coroutine', 'bit', 'cjson' } do
  local names = {}
  for k, v in pairs(_G[lib]) do names[#names + 1] = k .. ':' .. type(v) end
  table.sort(names)
  out[#out + 1] = lib .. ' ' .. table.concat(names, ' ')
end
return out
