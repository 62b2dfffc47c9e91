import java.io.File;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.model.*;

/** Loads an ontology as Protégé does and prints the number of axioms by type and the undeclared annotation properties. */
public class ReadOntology {
    public static void main(String[] args) throws Exception {
        OWLOntology read = OWLManager.createOWLOntologyManager().loadOntologyFromOntologyDocument(new File(args[0]));
        Map<String, Integer> counts = new TreeMap<>();
        for (OWLAxiom axiom : read.getAxioms()) {
            counts.merge(axiom.getAxiomType().getName(), 1, Integer::sum);
        }
        Set<String> undeclared = new TreeSet<>();
        for (OWLAnnotationAssertionAxiom axiom : read.getAxioms(AxiomType.ANNOTATION_ASSERTION)) {
            if (!axiom.getProperty().isBuiltIn() && !read.isDeclared(axiom.getProperty())) {
                undeclared.add(axiom.getProperty().getIRI().toString());
            }
        }
        counts.forEach((name, count) -> System.out.println(name + "\t" + count));
        undeclared.forEach(iri -> System.out.println("undeclared\t" + iri));
    }
}
