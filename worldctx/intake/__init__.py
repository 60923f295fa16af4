"""Documents and facts in: validate, extract, commit."""
