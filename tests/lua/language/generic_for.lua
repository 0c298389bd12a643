local out = {}
for k, v in pairs({ 10, 20, 30 }) do out[#out + 1] = k .. '=' .. v end
print(table.concat(out, ' '))                                -- expect: 1=10 2=20 3=30
local function range(n, i) if i < n then return i + 1 end end
local s = 0
for i in range, 4, 0 do s = s + i end
print(s)                                                     -- expect: 10
local function stateless() return function(state, control) if control < state.max then return control + state.step end end, { max = 10, step = 3 }, 0 end
out = {}
for v in stateless() do out[#out + 1] = v end
print(table.concat(out, ' '))                                -- expect: 3 6 9 12
out = {}
for a, b, c in (function() local i = 0 return function() i = i + 1 if i < 3 then return i, nil, i * 2 end end end)() do out[#out + 1] = tostring(a) .. tostring(b) .. tostring(c) end
print(table.concat(out, ' '))                                -- expect: 1nil2 2nil4
for _ in function() return nil, 'not run' end do print('never') end
for k in pairs({}) do print('never') end
local callable = setmetatable({}, { __call = function(self, s, c) c = (c or 0) + 1 if c <= 2 then return c end end })
out = {}
for i in callable do out[#out + 1] = i end
print(table.concat(out, ' '))                                -- expect: 1 2
print(pcall(function() for x in nil do end end))             -- expect: false	language/generic_for.lua:21: attempt to call a nil value
print(pcall(function() for x in {} do end end))              -- expect: false	language/generic_for.lua:22: attempt to call a table value
