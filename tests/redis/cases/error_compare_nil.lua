return nil < 1
