-- interpreter.lua - a small machine with registers, run by a table of operations
local function run()
  local program = {
    { 'set', 'a', 0 }, { 'set', 'b', 1 }, { 'set', 'n', 60 },
    { 'jz', 'n', 11 }, { 'set', 't', 'b' }, { 'add', 'b', 'a' }, { 'mod', 'b', 1000003 }, { 'set', 'a', 't' },
    { 'sub', 'n', 1 }, { 'jmp', 4 }, { 'halt' },
  }
  local function value(r, x) if type(x) == 'number' then return x end return r[x] end
  local operations = {
    set = function(r, i) r[i[2]] = value(r, i[3]) end,
    add = function(r, i) r[i[2]] = r[i[2]] + value(r, i[3]) end,
    sub = function(r, i) r[i[2]] = r[i[2]] - value(r, i[3]) end,
    mod = function(r, i) r[i[2]] = r[i[2]] % value(r, i[3]) end,
    jz = function(r, i) if r[i[2]] == 0 then r.pc = i[3] end end,
    jmp = function(r, i) r.pc = i[2] end,
    halt = function(r) r.done = true end,
  }
  local sum, steps = 0, 0
  for round = 1, 500 do
    local r = { pc = 1 }
    while not r.done do
      local i = program[r.pc]
      r.pc = r.pc + 1
      operations[i[1]](r, i)
      steps = steps + 1
    end
    sum = sum + r.a
  end
  print(sum, steps)
end
for _ = 1, 5 do run() end
