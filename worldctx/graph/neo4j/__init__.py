"""The graph store on Neo4j."""
