return [[abc
def
