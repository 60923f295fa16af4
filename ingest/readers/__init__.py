"""What feeds are read with."""
