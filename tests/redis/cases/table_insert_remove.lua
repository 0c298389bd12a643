local out = {}
local t = {}
table.insert(t, 'a') table.insert(t, 'b') table.insert(t, 1, 'first') table.insert(t, 3, 'mid')
out[1] = table.concat(t, ',')
out[2] = table.remove(t) out[3] = table.remove(t, 1) out[4] = table.concat(t, ',')
out[5] = tostring((table.remove({}))) out[6] = tostring((table.remove({}, 5))) out[7] = tostring((table.remove({ 1, 2 }, 7)))
out[8] = select('#', table.remove({})) out[9] = select('#', table.insert({}, 1))
local u = { 1, 2, 3 } table.insert(u, 10, 'far') out[10] = #u .. tostring(u[10])
local v = { 1, 2, 3 } table.insert(v, 0, 'zero') out[11] = tostring(v[0]) .. tostring(v[1]) .. tostring(v[2]) .. #v
local w = { 1, 2, 3 } out[12] = table.remove(w, 2) .. table.concat(w, ',')
out[13] = tostring((table.remove(w, 0))) .. table.concat(w, ',')
table.insert(w, '2', 'str') out[14] = table.concat(w, ',')
table.insert(w, 1.9, 'frac') out[15] = table.concat(w, ',')
return out
