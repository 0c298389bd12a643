error({ err = 'A b\r\nc' })
