local f = loadstring("\nerror('inside')")
f()
