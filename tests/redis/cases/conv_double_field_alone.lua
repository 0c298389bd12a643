return { double = 3.141592653589793 }
