"""RDF in and out: any RDF read by a mapping, our knowledge written with its sources, and SHACL checks of both."""
