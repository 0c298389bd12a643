local out = {}
local function try(...) local ok, e = pcall(cjson.encode, ...) out[#out + 1] = e end
try(1) try(-1) try(1.5) try(0.1) try(1/3) try(1e15) try(1e14) try(1e20) try(123456789012345) try(2^53) try(-0.0) try(1e-5) try('') try('text') try(true) try(false) try(nil) try(cjson.null) try('quote " back \\ slash / nl \n cr \r tab \t bs \b ff \f nul \0 del \127 hi \200') try('ü✓') try(string.char(1, 2, 31, 32)) try(0/0) try(1/0) try(-1/0) try(function() end) try(coroutine.create(function() end)) try() try(1, 2)
return out
