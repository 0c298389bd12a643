local out = {}
local function put(t) out[#out + 1] = #t end
put({}) put({ 1, 2, 3 }) put({ 1, nil, 3 }) put({ 1, 2, nil, 4 }) put({ nil }) put({ nil, nil, 3 }) put({ n = 1 }) put({ 1, 2, nil }) put({ nil, 2 })
local t = {} t[1] = 1 t[2] = 2 t[4] = 4 put(t) t[3] = 3 put(t) t[2] = nil put(t) t[4] = nil put(t)
t = {} for i = 1, 10 do t[i] = i end put(t) t[10] = nil put(t) t[5] = nil put(t) t[9] = nil t[8] = nil put(t)
t = {} for i = 10, 1, -1 do t[i] = i end put(t) t[7] = nil put(t)
t = { 1, 2, 3, 4, 5, 6, 7, 8 } t[8] = nil t[7] = nil put(t) t[4] = nil put(t)
t = {} for i = 1, 100 do t[i] = true end for i = 100, 51, -1 do t[i] = nil end put(t) for i = 1, 50, 2 do t[i] = nil end put(t)
t = {} t[1] = 1 t[3] = 3 put(t) t[2] = 2 put(t)
t = { [1] = 1, [2] = 2, [3] = 3 } put(t) t = { [3] = 3, [2] = 2, [1] = 1 } put(t) t = { 1, [2] = 2, [3] = 3 } put(t)
t = {} t[2^20] = 1 put(t) t[1] = 1 put(t)
return out
