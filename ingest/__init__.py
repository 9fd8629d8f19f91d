"""How knowledge comes in: sources, readers, parsing, redaction and sync."""
