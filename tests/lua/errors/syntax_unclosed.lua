local function f() -- expect error: errors/syntax_unclosed.lua:3: 'end' expected (to close 'function' at line 1) near '<eof>'
  return 1
