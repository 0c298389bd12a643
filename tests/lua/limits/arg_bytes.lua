-- limit: arg_bytes=10
-- args: 'more than ten bytes'
-- expect code: LIMIT_ARG_BYTES
return ARGV[1]
