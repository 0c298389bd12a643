return redis.acl_check_cmd('no such', 'x')
