return cjson.decode('{"a":')
