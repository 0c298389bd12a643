local x <const> = 1
return x
