-- args: 10 3
return { ARGV[1] + ARGV[2], ARGV[1] * '2', ARGV[1] / ARGV[2] * 1000, ARGV[1] .. ARGV[2], -ARGV[1], ARGV[1] % ARGV[2], ARGV[1] ^ 2 }
