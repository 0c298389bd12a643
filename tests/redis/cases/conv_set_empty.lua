return { { set = {} }, { set = 7 } }
