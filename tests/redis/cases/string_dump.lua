return { type(string.dump(function() end)), tostring(select(2, pcall(string.dump, 5))), tostring(select(2, pcall(string.dump, string.len))) }
