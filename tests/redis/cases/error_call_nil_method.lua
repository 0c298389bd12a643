local t = {}
t:f()
