return { { verbatim_string = { string = 5, format = 'txt' } }, { verbatim_string = { string = 'a' } }, { verbatim_string = { format = 'txt' } } }
