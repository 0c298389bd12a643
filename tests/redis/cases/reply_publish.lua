return { redis.call('PUBLISH', 'ch', 'm'), redis.call('PUBSUB', 'CHANNELS') }
