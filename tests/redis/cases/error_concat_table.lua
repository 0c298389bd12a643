return 'a' .. {}
