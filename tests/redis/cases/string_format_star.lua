local ok, e = pcall(string.format, '%*d', 5, 1)
return { tostring(ok), e }
