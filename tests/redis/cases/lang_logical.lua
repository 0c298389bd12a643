local function put(x) return tostring(x) end
return { put(nil and 1), put(false or nil), put(1 and 2), put(nil or 'd'), put(false and error('x')), put(1 or error('x')), put(not nil), put(not 0), put(not ''), put(1 == 1 and 'y' or 'n'), put(nil == false), put(1 < 2 == true), put('a' < 'b' and 'b' < 'c'), put(not 1 == 2), put((nil or false) == false), put(1 and nil or 3), put(false == nil or 0) }
