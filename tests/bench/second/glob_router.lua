-- glob_router.lua - routes matched by patterns built from templates, captures into named fields
local function run()
  local routes = {}
  local function route(template, handler)
    local names = {}
    local pattern = template:gsub('[%.%-%+]', '%%%0'):gsub(':(%a+)', function(name)
      names[#names + 1] = name
      return '([^/]+)'
    end)
    routes[#routes + 1] = { pattern = '^' .. pattern:gsub(':(%a+)', '([^/]+)') .. '$', names = names, handler = handler }
  end
  local n = 0
  route('/users', function() n = n + 1 end)
  route('/users/:id', function(p) n = n + tonumber(p.id) end)
  route('/users/:id/posts/:post', function(p) n = n + #p.id + #p.post end)
  route('/files/:name.txt', function(p) n = n + #p.name end)
  local function serve(path)
    for _, r in ipairs(routes) do
      local found = { path:match(r.pattern) }
      if found[1] then
        local fields = {}
        for i, name in ipairs(r.names) do fields[name] = found[i] end
        r.handler(fields)
        return true
      end
    end
    return false
  end
  local missed = 0
  for i = 1, 12000 do
    serve('/users')
    serve('/users/' .. i)
    serve('/users/' .. i .. '/posts/p' .. i)
    serve('/files/report-' .. i .. '.txt')
    if not serve('/nothing/here/' .. i) then missed = missed + 1 end
  end
  print(n, missed)
end
for _ = 1, 2 do run() end
