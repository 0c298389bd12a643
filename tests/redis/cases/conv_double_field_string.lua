return { double = '1' }
