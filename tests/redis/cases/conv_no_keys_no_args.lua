return { KEYS, ARGV, #KEYS, #ARGV }
