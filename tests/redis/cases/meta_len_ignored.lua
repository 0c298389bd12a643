local t = setmetatable({ 1, 2 }, { __len = function() return 99 end })
return { #t, table.getn(t) }
