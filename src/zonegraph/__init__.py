"""zonegraph: a knowledge graph and SPARQL endpoint for development zones."""
