return { ok = true, 'kept' }
