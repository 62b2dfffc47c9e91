import java.io.File;
import org.semanticweb.HermiT.Reasoner;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.model.OWLClass;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.profiles.OWL2DLProfile;
import org.semanticweb.owlapi.profiles.OWL2RLProfile;
import org.semanticweb.owlapi.profiles.OWLProfile;
import org.semanticweb.owlapi.profiles.OWLProfileReport;
import org.semanticweb.owlapi.profiles.OWLProfileViolation;

/** Prints one line a check: "DL true", "RL true", "consistent true", "unsatisfiable 0"; then violations. */
public final class ProfileCheck {
    public static void main(String[] args) throws Exception {
        OWLOntology ontology =
            OWLManager.createOWLOntologyManager().loadOntologyFromOntologyDocument(new File(args[0]));
        report("DL", new OWL2DLProfile(), ontology);
        report("RL", new OWL2RLProfile(), ontology);
        Reasoner reasoner = new Reasoner(ontology);
        boolean consistent = reasoner.isConsistent();
        System.out.println("consistent " + consistent);
        if (!consistent) {
            return;
        }
        int bottom = 0;
        for (OWLClass each : reasoner.getUnsatisfiableClasses().getEntitiesMinusBottom()) {
            System.out.println("unsatisfiable class " + each);
            bottom++;
        }
        System.out.println("unsatisfiable " + bottom);
    }

    private static void report(String name, OWLProfile profile, OWLOntology ontology) {
        OWLProfileReport result = profile.checkOntology(ontology);
        System.out.println(name + " " + result.isInProfile());
        for (OWLProfileViolation violation : result.getViolations()) {
            System.out.println("violation " + name + " " + violation);
        }
    }
}
