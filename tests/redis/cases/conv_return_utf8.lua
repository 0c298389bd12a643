return 'größe → ∞ 漢字'
