return { ok = 'a\r\nb\nc' }
