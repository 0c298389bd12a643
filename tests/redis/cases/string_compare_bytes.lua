local list = { 'b', 'a', 'B', 'A', '', 'ab', 'a\0', 'a\0b', 'é', 'z', '10', '9', 'a b', 'a_b', 'aB', '\255', '\127' }
table.sort(list)
return list
