return { 1, cjson.null, 3 }
