#!lua flags=
return 'ok'
