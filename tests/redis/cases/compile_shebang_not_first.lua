-- the shebang is not on the first byte here, so this is a plain comment line
return 1
