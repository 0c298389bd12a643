assert(nil, 'my message')
