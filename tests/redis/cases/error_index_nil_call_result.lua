local function f() end
return f().x
