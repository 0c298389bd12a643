return { ok = '' }
