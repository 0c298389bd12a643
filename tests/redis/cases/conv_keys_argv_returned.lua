-- keys: k1 k2 'k three'
-- args: a 2 '' 'with space' 3.50
return { KEYS, ARGV, #KEYS, #ARGV }
