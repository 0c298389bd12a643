local ok, e = pcall(assert, false, { err = 'TAB le' })
return { tostring(ok), type(e), tostring(e) }
