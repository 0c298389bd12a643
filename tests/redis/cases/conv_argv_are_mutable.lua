-- keys: a
-- args: x y
KEYS[1] = 'changed'
KEYS[2] = 'more'
ARGV[2] = nil
ARGV.name = 'n'
return { KEYS, ARGV, ARGV.name }
