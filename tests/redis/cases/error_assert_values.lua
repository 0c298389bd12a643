local out = {}
local function try(f, ...) local r = { pcall(f, ...) } for i = 1, #r do r[i] = tostring(r[i]) end out[#out + 1] = table.concat(r, ' ') end
try(assert, 1, 2, 3) try(assert, false, 'm') try(assert, nil) try(assert) try(assert, false, 12)
return out
