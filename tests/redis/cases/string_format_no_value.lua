return string.format('%s')
