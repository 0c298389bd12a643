local a
return a + 1
