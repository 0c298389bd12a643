return { 'a\'b', "a\"b", 'a\\b', '\65\066\x41\z', 'tab\tvt\vff\f', 'line\
next', [[raw\n]], [==[ ]] ]=] ]==], [[
first newline dropped]], '\0end', '\9\10\13' }
