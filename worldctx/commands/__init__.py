"""Layer 16: the verbs of the command line, one a file; worldctx.cli puts them together."""
