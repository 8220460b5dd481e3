from streams import compiled as compiled  # before anything that may be compiled
