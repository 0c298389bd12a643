-- limit: script_bytes=100
-- expect code: LIMIT_SCRIPT_BYTES
return 'this text is longer than one hundred bytes, counted with its comments'
