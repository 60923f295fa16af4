"""Layer 11: the gRPC services, one a file."""
