-- json_values.lua - values of a service through cjson and back (needs cjson)
local function run()
  local request = { id = 17, method = 'transfer', params = { from = 'a', to = 'b', amount = 12.5, tags = { 'x', 'y', 'z' }, dry = false } }
  local n = 0
  for i = 1, 15000 do
    request.id = i
    request.params.amount = i / 4
    local text = cjson.encode(request)
    local back = cjson.decode(text)
    n = n + #text + back.id + #back.params.tags + back.params.amount
  end
  print(n)
end
for _ = 1, 4 do run() end
