"""GeoNames: small tables in the published layout, most of their rows made from real ones."""
