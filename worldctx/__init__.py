"""worldctx: the world context of a text, as of a date."""
