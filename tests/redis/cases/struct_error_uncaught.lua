return struct.pack('>i33', 1)
