-- graphs.lua - Dijkstra, topological sort, union-find, Huffman codes, permutations
local graph = { a = { b = 7, c = 9, f = 14 }, b = { a = 7, c = 10, d = 15 }, c = { a = 9, b = 10, d = 11, f = 2 }, d = { b = 15, c = 11, e = 6 }, e = { d = 6, f = 9 }, f = { a = 14, c = 2, e = 9 } }
local dist, done, from = { a = 0 }, {}, {}
while true do
  local best
  for n, d in pairs(dist) do if not done[n] and (not best or d < dist[best]) then best = n end end
  if not best then break end
  done[best] = true
  for m, w in pairs(graph[best]) do if not dist[m] or dist[best] + w < dist[m] then dist[m] = dist[best] + w from[m] = best end end
end
local names = {}
for n in pairs(dist) do names[#names + 1] = n end
table.sort(names)
for i, n in ipairs(names) do names[i] = n .. '=' .. dist[n] .. (from[n] and '<' .. from[n] or '') end
print(table.concat(names, ' '))
local deps = { app = { 'lib', 'net' }, lib = { 'core' }, net = { 'core', 'log' }, log = {}, core = {} }
local order, state = {}, {}
local function visit(n) if state[n] == 'open' then error('cycle at ' .. n, 0) end if state[n] then return end state[n] = 'open' for _, d in ipairs(deps[n]) do visit(d) end state[n] = 'done' order[#order + 1] = n end
visit('app')
print(table.concat(order, ' '))
deps.core = { 'app' }
order, state = {}, {}
print(pcall(visit, 'app'))
local parent = {}
for i = 1, 20 do parent[i] = i end
local function find(x) while parent[x] ~= x do parent[x] = parent[parent[x]] x = parent[x] end return x end
for i = 1, 20 do local j = (i * 7) % 20 + 1 if i % 3 == 0 then parent[find(i)] = find(j) end end
local roots = {}
for i = 1, 20 do roots[i] = find(i) end
print(table.concat(roots, ' '))
local text, freq = 'abracadabra alakazam', {}
for ch in text:gmatch('.') do freq[ch] = (freq[ch] or 0) + 1 end
local nodes = {}
for ch, n in pairs(freq) do nodes[#nodes + 1] = { n = n, key = ch } end
while #nodes > 1 do
  table.sort(nodes, function(a, b) if a.n ~= b.n then return a.n > b.n end return a.key < b.key end)
  local x, y = table.remove(nodes), table.remove(nodes)
  nodes[#nodes + 1] = { n = x.n + y.n, key = x.key .. y.key, left = x, right = y }
end
local codes = {}
local function walk(n, code) if n.left then walk(n.left, code .. '0') walk(n.right, code .. '1') else codes[n.key] = code end end
walk(nodes[1], '')
local encoded = text:gsub('.', codes)
print(#encoded, encoded:sub(1, 40))
local function permute(list) return coroutine.wrap(function() local function go(n) if n == 0 then coroutine.yield(table.concat(list)) end for i = 1, n do list[i], list[n] = list[n], list[i] go(n - 1) list[i], list[n] = list[n], list[i] end end go(#list) end) end
local n, last = 0
for p in permute{ 'w', 'x', 'y', 'z' } do n = n + 1 last = p if n <= 5 then print(p) end end
print(n, last)
