return { type(string.dump(function() end)), tostring(select(2, pcall(string.dump, print or 5))), tostring(select(2, pcall(string.dump, string.len))) }
