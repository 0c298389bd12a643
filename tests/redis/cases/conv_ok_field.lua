return { ok = 'FINE' }
