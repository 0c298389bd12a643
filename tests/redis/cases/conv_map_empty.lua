return { map = {} }
