-- template_engine.lua - templates turned into Lua by gsub, compiled with loadstring, run with fields (needs setfenv)
local function run()
  local template = [[<h1>{{title}}</h1>
  <ul>
  {% for i, item in ipairs(items) do %}<li class="{{i % 2 == 0 and 'even' or 'odd'}}">{{item.name}}: {{item.price}}</li>
  {% end %}</ul>
  {% if footer then %}<p>{{footer}}</p>{% end %}]]
  local function compile(text)
    local out, at = { 'local out_ = {} ' }, 1
    while true do
      local from, to, kind, code = text:find('{([{%%])%s*(.-)%s*[%%}]}', at)
      if not from then break end
      if from > at then out[#out + 1] = ('out_[#out_ + 1] = %q '):format(text:sub(at, from - 1)) end
      out[#out + 1] = kind == '{' and 'out_[#out_ + 1] = tostring(' .. code .. ') ' or code .. ' '
      at = to + 1
    end
    out[#out + 1] = ('out_[#out_ + 1] = %q return table.concat(out_)'):format(text:sub(at))
    return assert(loadstring(table.concat(out), '=template'))
  end
  local items = {}
  for i = 1, 12 do items[i] = { name = 'item ' .. i, price = i * 2.5 } end
  local n = 0
  for i = 1, 300 do
    local f = compile(template)
    for k = 1, 5 do
      setfenv(f, { title = 'list ' .. i, items = items, footer = k % 2 == 0 and 'end' or nil, ipairs = ipairs, tostring = tostring, table = table })
      n = n + #f()
    end
  end
  print(n)
end
for _ = 1, 7 do run() end
