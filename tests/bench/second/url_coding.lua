-- url_coding.lua - query strings taken apart and put together, percent signs, html entities
local function run()
  local function decode(s) return (s:gsub('+', ' '):gsub('%%(%x%x)', function(h) return string.char(tonumber(h, 16)) end)) end
  local function encode(s) return (s:gsub('[^%w%-%._~]', function(c) return ('%%%02X'):format(c:byte()) end)) end
  local function parse(query)
    local t = {}
    for k, v in query:gmatch('([^&=]+)=([^&]*)') do t[decode(k)] = decode(v) end
    return t
  end
  local entities = { ['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;', ['"'] = '&quot;' }
  local function escape(s) return (s:gsub('[&<>"]', entities)) end
  local n = 0
  for i = 1, 4000 do
    local fields = parse('name=J%C3%BCrgen+M%C3%BCller&city=K%C3%B6ln&q=a%26b%3Dc&page=' .. i)
    n = n + #fields.name + #fields.q + tonumber(fields.page)
    n = n + #encode(fields.name .. ' & ' .. fields.city) + #escape('<a href="x">' .. fields.q .. '</a>')
  end
  print(n)
end
for _ = 1, 5 do run() end
