return { true, false, true, { false, { true } } }
