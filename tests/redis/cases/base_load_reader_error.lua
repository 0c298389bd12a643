-- outside pcall the reader's error meets the server's own handler, which makes a table of it
local f, e = load(function() error('reader') end)
if type(e) ~= 'table' then return { tostring(f), e } end
local out = {}
for k, v in pairs(e) do out[#out + 1] = tostring(k) .. '=' .. tostring(v) end
table.sort(out)
return { tostring(f), out }
