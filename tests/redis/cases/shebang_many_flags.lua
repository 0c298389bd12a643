#!lua flags=no-writes,allow-stale,no-cluster
-- keys: a
return { 'ok', redis.call('EXISTS', KEYS[1]) }
