-- Environments of functions and coroutines, proxies, modules.
local env = setmetatable({}, { __index = _G })
local co = coroutine.wrap(function()
  setfenv(0, env)
  local f = loadstring('x = 1 return getfenv(1)')
  return f() == env, getfenv(0) == env
end)
print(co())                                                     -- expect: true	true
print(getfenv(0) == _G, rawget(_G, 'x'), env.x)                 -- expect: true	nil	1
local inner = coroutine.create(function() return getfenv(0) end)
print(select(2, coroutine.resume(inner)) == _G)                 -- expect: true
print(pcall(getfenv, -1))                                       -- expect: false	bad argument #1 to '?' (level must be non-negative)
print(pcall(setfenv, print, {}))                                -- expect: false	'setfenv' cannot change environment of given object
local p = newproxy(true)
getmetatable(p).__index = function(_, k) return k .. '!' end
getmetatable(p).__len = function() return 42 end
print(type(p), p.key, #p, type(newproxy(p)), getmetatable(newproxy(p)) == getmetatable(p)) -- expect: userdata	key!	42	userdata	true
print(pcall(newproxy, {}))                                      -- expect: false	bad argument #1 to '?' (boolean or proxy expected)
package.preload.mod = function(...) module(..., package.seeall) function hello() return type(print) end end
print(require('mod').hello(), mod == package.loaded.mod, require('mod') == mod) -- expect: function	true	true
print(pcall(module, 'string.sub'))                              -- expect: false	name conflict for module 'string.sub'
package.path = './?.nothing'
print((select(2, pcall(require, 'none.such')):gsub('%s+', ' ')):match('^module .*nothing')) -- expect: module 'none.such' not found: no field package.preload['none.such'] no file './none/such.nothing
print(loadfile('no such file'))                                 -- expect: nil	cannot open no such file: No such file or directory
-- print asks for the global tostring as a program would: through a metatable, once a call.
local shadow = setmetatable({}, { __index = _G })
local asked = 0
local asking = setmetatable({}, { __index = function(_, name) asked = asked + (name == 'tostring' and 1 or 0) return _G[name] end })
local coated = setfenv(function(environment)
  setfenv(0, environment)
  print('by a table', 1)
  setfenv(0, _G)
end, _G)
coated(shadow)                                                  -- expect: by a table	1
coated(asking)                                                  -- expect: by a table	1
print(asked)                                                    -- expect: 1
setfenv(0, setmetatable({}, { __index = function() end }))
print_works, print_says = pcall(print, 1)
setfenv(0, _G)
print(print_works, print_says)                                  -- expect: false	attempt to call a nil value
