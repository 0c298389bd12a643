return { { big_number = 'a\0b\r\nc' }, { { big_number = '\0' } } }
