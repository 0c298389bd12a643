-- debug.sethook: lines and counts.
local function trace(source)
  local lines = {}
  debug.sethook(function(event, line) lines[#lines + 1] = line end, 'l')
  loadstring(source)()
  debug.sethook()
  table.remove(lines) table.remove(lines, 1)
  print(table.concat(lines, ' '))
end
trace 'if\nmath.sin(1)\nthen\n  a=1\nelse\n  a=2\nend\n'           -- expect: 2 4 7
trace 'a=1\nrepeat\n  a=a+1\nuntil a==3\n'                         -- expect: 1 3 4 3 4
trace 'local a\na=1\nwhile a<=3 do\n  a=a+1\nend\n'                -- expect: 2 3 4 3 4 3 4 3 5
trace 'for i=1,3 do\n  a=i\nend\n'                                 -- expect: 1 2 1 2 1 2 1 3
trace 'for i,v in pairs{1,2} do\n  a=i..v\nend\n'                  -- expect: 1 2 1 2 1 3
trace 'for i=1,4 do a=1 end\n'                                     -- expect: 1 1 1 1 1
trace 'local function f()\n local x = 1\n return x\nend\nlocal y = f() +\n f()\n' -- expect: 4 5 2 3 6 2 3
trace 'local t = setmetatable({}, {__index = function(t, k)\n return k\nend})\nlocal a = t.x\n' -- expect: 1 3 1 4 2
local n = 0
local function count() n = n + 1 end
debug.sethook(count, '', 100)
for _ = 1, 10000 do end
debug.sethook()
print(n)                                                           -- expect: 104
debug.sethook(count, 'l', 7)
print(debug.gethook() == count, select(2, debug.gethook()))        -- expect: true	l	7
debug.sethook()
print(debug.gethook())                                             -- expect: nil		0
print(pcall(function()
  debug.sethook(function(_, line) debug.sethook() error(debug.getinfo(2, 'l').currentline == line, 0) end, 'l')
  local x = 1
end))                                                              -- expect: false	true
local lines = {}
local co = coroutine.create(function()
  local a = 1
  coroutine.yield(a)
end)
debug.sethook(co, function(_, line) lines[#lines + 1] = line end, 'l')
print(coroutine.resume(co), table.concat(lines, ' '), debug.gethook()) -- expect: true	34 35	nil		0
print(pcall(debug.sethook, 1), pcall(debug.sethook, print, 1, {})) -- expect: false	false	bad argument #3 to '?' (number expected, got table)
