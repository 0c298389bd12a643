return string.format('%d', nil)
