return 'a\0b\r\nc\255\200"\\'
