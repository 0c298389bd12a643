-- uncaught_field.lua - the message names the field
local config = { server = {} }
print(config.server.name)
return config.server.options.timeout
