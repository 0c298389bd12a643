return '\300'
