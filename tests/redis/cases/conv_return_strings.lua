return { '', 'a', 'two words', 'quote "x"', "back\\slash", 'tab\tnew\nline\rcr', '\0nul\0', '\1\127\128\255', '\a\b' }
