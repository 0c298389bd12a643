return string.rep('0123456789', 20000)
