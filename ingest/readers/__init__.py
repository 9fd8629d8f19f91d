"""One module per kind of place that knowledge is read from."""
