-- The metamethods that protect the globals, called by the script itself.
local meta = getmetatable(_G)
local missing, write = meta.__index, meta.__newindex
local out = {type(missing), type(write)}
for _, arguments in ipairs {{}, {1}, {1, 2, 3}, {_G, {}}, {_G, 'x'}, {_G, 1.5}, {nil, 'name'}} do
  for _, f in ipairs {missing, write} do
    if type(f) == 'function' then out[#out + 1] = tostring(select(2, pcall(f, unpack(arguments)))) end
  end
end
return out
