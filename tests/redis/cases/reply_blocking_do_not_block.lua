-- seed: RPUSH l a
return { redis.call('BLMPOP', 0, 1, 'none', 'LEFT'), redis.call('BLMPOP', 0, 1, 'l', 'LEFT'), redis.call('BZMPOP', 0, 1, 'none', 'MIN') }
