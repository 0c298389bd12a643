-- user: +@all -@write ~*
return { redis.acl_check_cmd('get', 'x'), redis.acl_check_cmd('set', 'x', 1), redis.acl_check_cmd('config', 'get'), redis.acl_check_cmd('config'), redis.acl_check_cmd('eval', 'x', 0) }
