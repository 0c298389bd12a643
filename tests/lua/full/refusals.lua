-- What the functions of the full profile refuse, with the reference's words.
local function message(f, ...) return (select(2, pcall(f, ...))) end

-- debug
print(message(debug.getlocal, 100, 1))                       -- expect: bad argument #1 to '?' (level out of range)
print(message(debug.setlocal, 100, 1, 1))                    -- expect: bad argument #1 to '?' (level out of range)
print(message(debug.getinfo, {}), message(debug.getinfo, 1, 'x')) -- expect: bad argument #1 to '?' (function or level expected)	bad argument #2 to '?' (invalid option)
print(message(debug.setmetatable, {}), message(debug.setmetatable, {}, 5)) -- expect: bad argument #2 to '?' (nil or table expected)	bad argument #2 to '?' (nil or table expected)
print(message(debug.setfenv, 1, {}), message(debug.setfenv, type)) -- expect: 'setfenv' cannot change environment of given object	bad argument #2 to '?' (table expected, got no value)
print(debug.getmetatable('').__index == string, debug.getmetatable(1), debug.getmetatable({})) -- expect: true	nil	nil
print(debug.getinfo(type, 'L').activelines, debug.getinfo(type, 'S').what, debug.getinfo(500)) -- expect: nil	C	nil
print(debug.getfenv(1), debug.getfenv(type) == _G)           -- expect: nil	true

-- Levels of getfenv and setfenv
print(message(getfenv, 100), message(getfenv, -1), message(setfenv, 100, {}), message(setfenv, type, {})) -- expect: bad argument #1 to '?' (invalid level)	bad argument #1 to '?' (level must be non-negative)	bad argument #1 to '?' (invalid level)	'setfenv' cannot change environment of given object
local function tail() return getfenv(2) end
local function middle() return tail() end
print(message(function() local e = middle() return e end))   -- expect: full/refusals.lua:16: no function environment for tail call at level 2

-- io
print(message(io.lines, '/no/such/file'))                    -- expect: bad argument #1 to '?' (/no/such/file: No such file or directory)
print(message(io.input, '/no/such/file'))                    -- expect: bad argument #1 to '?' (/no/such/file: No such file or directory)
print(io.open('/no/such/file'))                              -- expect: nil	/no/such/file: No such file or directory	2
print(message(io.read, 'x'), message(io.read, '*x'), message(io.read, {})) -- expect: bad argument #1 to '?' (invalid option)	bad argument #1 to '?' (invalid format)	bad argument #1 to '?' (invalid option)
print(message(io.stdin.read, 5), message(io.stdin.read))     -- expect: bad argument #1 to '?' (FILE* expected, got number)	bad argument #1 to '?' (FILE* expected, got no value)
print(message(io.stdout:lines()))                            -- expect: Bad file descriptor
print(io.stdout:read())                                      -- expect: nil	Bad file descriptor	9
print(message(io.close, 5), io.type(5), io.type(io.stdout))  -- expect: bad argument #1 to '?' (FILE* expected, got number)	nil	file
print((tostring(io.stdout):gsub('0x%x+', 'ADDRESS')))        -- expect: file (ADDRESS)
print(io.stdin:read('*a'), io.stdin:read('*l'), io.stdin:read(0), io.stdin:read('*n')) -- expect: 	nil	nil	nil

-- package
local loaders, preload, path = package.loaders, package.preload, package.path
preload.circle = function() return require 'circle' end
print(message(require, 'circle'))                            -- expect: full/refusals.lua:34: loop or previous error loading module 'circle'
package.path = './?.lua'
print(message(require, 'errors.syntax_unclosed'))
-- expect: error loading module 'errors.syntax_unclosed' from file './errors/syntax_unclosed.lua':
-- expect: 	./errors/syntax_unclosed.lua:3: 'end' expected (to close 'function' at line 1) near '<eof>'
print((message(require, 'no.such.module'):gsub("\n\tno file '[^']-%.so'", '')))
-- expect: module 'no.such.module' not found:
-- expect: 	no field package.preload['no.such.module']
-- expect: 	no file './no/such/module.lua'
package.path = nil
print(message(require, 'no_such_module'))                    -- expect: 'package.path' must be a string
package.path, package.preload = path, 5
print(message(require, 'no_such_module'))                    -- expect: 'package.preload' must be a table
package.preload, package.loaders = preload, 5
print(message(require, 'no_such_module'))                    -- expect: 'package.loaders' must be a table
package.loaders = loaders
print(message(module, 'a_module'), message(module, 'string.x.y')) -- expect: 'module' not called from a Lua function	'module' not called from a Lua function
print(message(require), message(module))                     -- expect: bad argument #1 to '?' (string expected, got no value)	bad argument #1 to '?' (string expected, got no value)
