local function inner() error('from inner') end -- expect error: errors/uncaught_in_function.lua:1: from inner
inner()
