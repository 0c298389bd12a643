return { ('abc'):upper(), ('ABC'):lower(), ('abc'):reverse(), ('abc'):len(), ('ab'):rep(3), ('x'):rep(0), ('x'):rep(-1), ('').rep('', 5), ('aé'):upper(), ('a\0b'):len(), ('a\0b'):upper(), #('\0\0') }
