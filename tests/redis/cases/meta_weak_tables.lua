local w = setmetatable({}, { __mode = 'k' })
local v = setmetatable({}, { __mode = 'v' })
w[{}] = 1 v[1] = {} v[2] = 'string stays' local keep = {} w[keep] = 2 v[3] = keep
collectgarbage() collectgarbage()
local n = 0
for _ in pairs(w) do n = n + 1 end
return { n, tostring(v[1]), v[2], tostring(v[3] == keep) }
