-- serializer.lua - tables written as Lua text with sorted keys and %q, and read back with loadstring
local function run()
  local function write(value, out)
    local kind = type(value)
    if kind == 'table' then
      local keys = {}
      for k in pairs(value) do keys[#keys + 1] = k end
      table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
      out[#out + 1] = '{'
      for _, k in ipairs(keys) do
        out[#out + 1] = type(k) == 'string' and ('[%q]='):format(k) or '[' .. tostring(k) .. ']='
        write(value[k], out)
        out[#out + 1] = ','
      end
      out[#out + 1] = '}'
    elseif kind == 'string' then out[#out + 1] = ('%q'):format(value)
    else out[#out + 1] = tostring(value) end
  end
  local data = { name = 'a "quoted" name', list = { 1, 2.5, -3, 'four' }, nested = { deep = { deeper = { true, false } } }, text = ('line\n'):rep(8), n = 12345 }
  local n = 0
  for i = 1, 1800 do
    data.n = i
    local out = {}
    write(data, out)
    local text = 'return ' .. table.concat(out)
    local back = loadstring(text)()
    n = n + #text + back.n + #back.list + #back.text
  end
  print(n)
end
for _ = 1, 4 do run() end
