local f = loadstring("error('inside')", '=named')
f()
