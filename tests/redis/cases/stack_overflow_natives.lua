-- A function of the library needs a level too, where there is none left.
local results = {}
local function measure(body)
  local n = 0
  local function up() n = n + 1 end
  local function f() up() body() return f() + 1 end
  local co = coroutine.create(f)
  local ok, e = coroutine.resume(co)
  results[#results + 1] = tostring(ok) .. ' ' .. e:gsub('^.*: ', '') .. ' ' .. n
end
measure(function() end)
measure(function() return 1 end)
local n = 0
local function plain() n = n + 1 return plain() + 1 end
local function floored() n = math.floor(n) + 1 return floored() + 1 end
local function sorted() n = n + 1 table.sort({ 3, 2, 1 }, function(a, b) return a < b end) return sorted() + 1 end
for _, f in ipairs({ plain, floored, sorted }) do
  n = 0
  local ok, e = coroutine.resume(coroutine.create(f))
  results[#results + 1] = tostring(ok) .. ' ' .. e .. ' ' .. n
end
return results
