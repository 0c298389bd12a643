local heap = {}
local function push(v, p) heap[#heap + 1] = { v, p } local i = #heap while i > 1 do local up = math.floor(i / 2) if heap[up][2] <= heap[i][2] then break end heap[up], heap[i] = heap[i], heap[up] i = up end end
local function pop() local top = heap[1] heap[1] = heap[#heap] heap[#heap] = nil local i = 1 while true do local s = i for _, c in ipairs{ 2 * i, 2 * i + 1 } do if heap[c] and heap[c][2] < heap[s][2] then s = c end end if s == i then return top[1] end heap[s], heap[i] = heap[i], heap[s] i = s end end
for i, w in ipairs{ 'e', 'b', 'd', 'a', 'c' } do push(w, w:byte()) end
return { pop(), pop(), pop(), pop(), pop() }
