"""A server on this machine that speaks the protocols of three providers of chat models, faults included."""
