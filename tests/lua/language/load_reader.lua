-- load looks at its second argument first
print(pcall(load, 5, {})) -- expect: false	bad argument #2 to '?' (string expected, got table)
print(pcall(load, {}, 'name')) -- expect: false	bad argument #1 to '?' (function expected, got table)
print(pcall(load, nil)) -- expect: false	bad argument #1 to '?' (function expected, got nil)
print(type(load(function() return nil end, 5))) -- expect: function
