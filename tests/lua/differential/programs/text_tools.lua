-- text_tools.lua - wrapping, templates, CSV, counting, base64, run lengths, roman numbers
local function wrap(s, width) local out, line = {}, '' for word in s:gmatch('%S+') do if #line + #word + 1 > width and #line > 0 then out[#out + 1] = line line = word else line = #line > 0 and line .. ' ' .. word or word end end out[#out + 1] = line return table.concat(out, '\n') end
print(wrap('The quick brown fox jumps over the lazy dog and runs away from the angry bear', 20))
local function render(t, env) return (t:gsub('{(%w+)%.?(%w*)}', function(k, sub) local v = env[k] if sub ~= '' and type(v) == 'table' then v = v[sub] end return v ~= nil and tostring(v) or '{' .. k .. '}' end)) end
print(render('Hi {name}, {user.age} {missing} {flag}', { name = 'Ada', user = { age = 36 }, flag = false }))
local function csv(line) local out, pos = {}, 1 while true do if line:sub(pos, pos) == '"' then local s = '' repeat local a, b, chunk = line:find('^([^"]*)"', pos + 1) s = s .. chunk pos = b + 1 if line:sub(pos, pos) == '"' then s = s .. '"' end until line:sub(pos, pos) ~= '"' out[#out + 1] = s else local chunk = line:match('^[^,]*', pos) out[#out + 1] = chunk pos = pos + #chunk end if pos > #line then break end pos = pos + 1 end return out end
for _, f in ipairs(csv('a,"b ""quoted"", c",,3,"x"')) do print('<' .. f .. '>') end
local alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
local function base64(s) return (s:gsub('..?.?', function(c) local a, b, d = c:byte(1, 3) local n = a * 65536 + (b or 0) * 256 + (d or 0) local o = '' for i = 3, 0, -1 do local k = math.floor(n / 64 ^ i) % 64 o = o .. alphabet:sub(k + 1, k + 1) end return b and (d and o or o:sub(1, 3) .. '=') or o:sub(1, 2) .. '==' end)) end
for _, s in ipairs{ '', 'f', 'fo', 'foo', 'foobar', 'a\0b\255' } do print(base64(s)) end
print((('aaabccddddd'):gsub('((.)%2*)', function(run, c) return #run .. c end)))
local function roman(n) local out = '' for _, p in ipairs{ { 1000, 'M' }, { 900, 'CM' }, { 500, 'D' }, { 400, 'CD' }, { 100, 'C' }, { 90, 'XC' }, { 50, 'L' }, { 40, 'XL' }, { 10, 'X' }, { 9, 'IX' }, { 5, 'V' }, { 4, 'IV' }, { 1, 'I' } } do while n >= p[1] do out = out .. p[2] n = n - p[1] end end return out end
print(roman(1994), roman(2024), roman(49))
local counts = {}
for word in ('the cat the dog a cat the end'):gmatch('%a+') do counts[word] = (counts[word] or 0) + 1 end
local words = {}
for w, n in pairs(counts) do words[#words + 1] = ('%s:%d'):format(w, n) end
table.sort(words)
print(table.concat(words, ' '))
print(('%-10s|%8.3f|%+05d|%x'):format('left', math.pi, 42, 48879))
print(('one;two;;four'):gsub(';;', ';nil;'))
print(('CamelCaseString'):gsub('(%l)(%u)', '%1_%2'))
print(('x'):rep(3, ','), ('path/to/file.tar.gz'):match('([^/]+)$'), ('path/to/file.tar.gz'):match('%.(%w+)$'))
for k, v in ('GET /index.html?a=1&b=two HTTP/1.1'):gmatch('[?&](%w+)=(%w+)') do print(k, v) end
