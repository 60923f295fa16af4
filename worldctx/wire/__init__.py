"""Layer 10: protobuf messages and status codes; nothing else knows them."""
