return { verbatim_string = { string = 'one text', format = 'txt' } }
