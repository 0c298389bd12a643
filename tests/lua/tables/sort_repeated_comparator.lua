-- A comparator that the loop calls again by itself sees the comparisons that any other sees: forms that
-- it calls so (one result, no `...`) beside forms that it does not.
local function values(n)
  local t, seed = {}, 7
  for i = 1, n do
    seed = (seed * 16807) % 2147483647
    t[i] = seed % (n + 3)
  end
  return t
end
local function logged(make, n)
  local log = {}
  local function note(a, b) log[#log + 1] = a .. "<" .. b end
  local t = values(n)
  table.sort(t, make(note))
  return table.concat(t, ",") .. ";" .. table.concat(log, ",")
end
local forms = {
  function(note) return function(...) note(...) local a, b = ... return a < b end end,
  function(note) return function(a, b) note(a, b) return a < b end end,
  function(note) return function(a, b, c, d) note(a, b) assert(c == nil and d == nil) c, d = 1, 2 return a < b end end,
  function(note) local function less(a, b) return a < b end return function(a, b) note(a, b) return less(a, b) end end,
  function(note) return function(a, b) note(a, b) if a < b then return 0, a, b end end end,
  function(note) return function(a, b) note(a, b) if a < b then return true end return nil, 1 end end,
  function(note) return function(a, b) note(a, b) local keep = function() b = b end keep() return a < b end end,
  function(note) return function(a, b) note(a, b) return not (a >= b) end end,
}
for n = 0, 60 do
  local expected = logged(forms[1], n)
  for i = 2, #forms do assert(logged(forms[i], n) == expected, n .. " by form " .. i) end
end
print("same comparisons") -- expect: same comparisons

-- One argument, and what it closes over.
local seen = 0
local t = values(40)
table.sort(t, function(a) seen = seen + a return false end)
print(seen > 0) -- expect: true

-- Errors say where; the next sort begins anew.
local count = 0
print(pcall(table.sort, values(50), function(a, b) count = count + 1 if count == 40 then error("enough", 0) end return a < b end)) -- expect: false	enough
print(pcall(table.sort, values(50), function() return true end)) -- expect: false	invalid order function for sorting
print(logged(forms[2], 20) == logged(forms[1], 20)) -- expect: true
