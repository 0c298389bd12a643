-- The server's pcall finds the text of an error table where __index leads.
local parent = setmetatable({}, {__index = {err = 'inherited'}})
local out = {}
for i, e in ipairs({setmetatable({}, {__index = {err = 'near'}}), setmetatable({}, {__index = parent}),
                    setmetatable({err = 'own'}, {__index = {err = 'near'}}), setmetatable({}, {__index = {err = {}}})}) do
  local results = {pcall(error, e)}
  out[i] = #results .. type(results[2]) .. (type(results[2]) == 'string' and results[2] or '')
end
return out
