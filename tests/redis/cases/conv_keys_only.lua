-- keys: only keys
return { KEYS[1], KEYS[2], tostring(KEYS[3]), #ARGV }
