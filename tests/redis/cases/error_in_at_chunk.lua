local f = loadstring("error('inside')", '@file.lua')
f()
