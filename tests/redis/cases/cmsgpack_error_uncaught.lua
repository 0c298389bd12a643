return cmsgpack.unpack('\212\1')
