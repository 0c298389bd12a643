function f() end
return 1
