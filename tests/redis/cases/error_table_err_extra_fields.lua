error({ err = 'CODE text', source = 'elsewhere', line = 77, ignore_error_stats_update = true })
