-- try_finally.lua - errors of every kind through pcall and xpcall, with handlers, rethrown and nested
local function run()
  local function try(f, catch, finally)
    local ok, problem = pcall(f)
    if not ok then ok, problem = pcall(catch, problem) end
    finally()
    return ok, problem
  end
  local done, texts = 0, 0
  for i = 1, 9000 do
    local ok = try(function() if i % 2 == 0 then error('even', 0) end return i end,
                   function(e) if i % 4 == 0 then error('again: ' .. e, 0) end end, function() done = done + 1 end)
    if not ok then texts = texts + 1 end
    local _, message = pcall(function() local t = nil return t.field end)
    texts = texts + (#message > 0 and 1 or 0)
    _, message = pcall(error, { code = i })
    texts = texts + message.code % 3
    _, message = xpcall(function() return 1 + {} end, function(m) return 'handled: ' .. #m end)
    texts = texts + (#message > 0 and 1 or 0)
    _, message = pcall(string.rep)
    texts = texts + (#message > 0 and 1 or 0)
  end
  print(done, texts)
end
for _ = 1, 6 do run() end
