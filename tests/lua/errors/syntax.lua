local x = = 1 -- expect error: errors/syntax.lua:1: unexpected symbol near '='
