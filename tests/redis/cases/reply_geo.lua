-- seed: GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
return { redis.call('GEODIST', 'g', 'Palermo', 'Catania', 'km'), redis.call('GEOHASH', 'g', 'Palermo', 'none'), redis.call('GEOPOS', 'g', 'Palermo', 'none') }
