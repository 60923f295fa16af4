"""Real servers for tests, started on loopback from jars and from Debian's packages, without a container engine."""
