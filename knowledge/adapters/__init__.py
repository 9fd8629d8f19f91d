"""The real things behind the ports: SQL, Chroma, NumPy, the lexical index, models."""
