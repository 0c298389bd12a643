-- load looks at its second argument first
print(pcall(load, 5, {})) -- expect: false	bad argument #2 to '?' (string expected, got table)
print(pcall(load, {}, 'name')) -- expect: false	bad argument #1 to '?' (function expected, got table)
print(pcall(load, nil)) -- expect: false	bad argument #1 to '?' (function expected, got nil)
print(type(load(function() return nil end, 5))) -- expect: function

-- a reader that gives nothing at first is asked once more
local asked = 0
local function reader(...)
  local pieces = { ... }
  asked = 0
  return load(function() asked = asked + 1 return pieces[asked] end)
end
print(reader()(), asked) -- expect: nil	2
print(reader(nil, 'return 7')(), asked) -- expect: 7	3
print(reader('return 8')(), asked) -- expect: 8	2
print(reader('', 'return 9', '', 'x')(), asked) -- expect: 9	3
print(reader('', '', 'return 9')(), asked) -- expect: nil	2
print(reader(' ', '', 'return 9')(), asked) -- expect: nil	2
