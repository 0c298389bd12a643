return { { ok = 'A' }, { ok = 'B', err = 'WINS the error' }, { 'x', ok = 'C' } }
