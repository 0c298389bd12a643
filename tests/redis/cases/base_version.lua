return { _VERSION, type(_G), tostring(_G._G == _G) }
