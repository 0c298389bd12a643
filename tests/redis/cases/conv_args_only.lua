-- args: only args here
return { #KEYS, ARGV[1], ARGV[3], tostring(ARGV[4]) }
