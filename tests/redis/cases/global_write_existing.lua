pcall = nil
