-- redis-only
-- What a process could do and this machine cannot: no shell, no dynamic libraries.
print(os.execute(), os.execute('true'), pcall(os.execute, {})) -- expect: 0	-1	false	bad argument #1 to '?' (string expected, got table)
print(package.loadlib('/lib/x.so', 'f'))                     -- expect: nil	dynamic libraries not enabled; check your Lua installation	absent
print(pcall(package.loadlib, 'x'))                           -- expect: false	bad argument #2 to '?' (string expected, got no value)
-- The list of what is loaded, taken away through the registry.
local registry = debug.getregistry()
local loaded = registry._LOADED
registry._LOADED = 5
print(pcall(require, 'string'))                              -- expect: false	'package.loaded' must be a table
registry._LOADED = loaded
print(require 'string' == string)                            -- expect: true
