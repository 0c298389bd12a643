return ''
