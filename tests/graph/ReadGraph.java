import java.io.File;
import java.util.Map;
import java.util.TreeMap;
import org.jgrapht.Graph;
import org.jgrapht.graph.DefaultEdge;
import org.jgrapht.graph.DirectedPseudograph;
import org.jgrapht.nio.Attribute;
import org.jgrapht.nio.gexf.SimpleGEXFImporter;
import org.jgrapht.nio.graphml.GraphMLImporter;
import org.jgrapht.util.SupplierUtil;

/** Reads GEXF or GraphML with JGraphT and prints every node and edge with its attributes, one on a line. */
public class ReadGraph {
    static final Map<Object, Map<String, String>> FOUND = new java.util.LinkedHashMap<>();

    static void note(Object of, String name, Attribute value) {
        FOUND.computeIfAbsent(of, key -> new TreeMap<>()).put(name, value.getValue());
    }

    public static void main(String[] args) throws Exception {
        Graph<String, DefaultEdge> graph = new DirectedPseudograph<>(
            SupplierUtil.createStringSupplier(), SupplierUtil.createDefaultEdgeSupplier(), false);
        if (args[0].equals("gexf")) {
            SimpleGEXFImporter<String, DefaultEdge> reader = new SimpleGEXFImporter<>();
            reader.setSchemaValidation(false); // it knows the schema of GEXF 1.2 only
            reader.addVertexAttributeConsumer((of, value) -> note(of.getFirst(), of.getSecond(), value));
            reader.addEdgeAttributeConsumer((of, value) -> note(of.getFirst(), of.getSecond(), value));
            reader.importGraph(graph, new File(args[1]));
        } else {
            GraphMLImporter<String, DefaultEdge> reader = new GraphMLImporter<>();
            reader.addVertexAttributeConsumer((of, value) -> note(of.getFirst(), of.getSecond(), value));
            reader.addEdgeAttributeConsumer((of, value) -> note(of.getFirst(), of.getSecond(), value));
            reader.importGraph(graph, new File(args[1]));
        }
        for (String node : graph.vertexSet()) {
            print("node", FOUND.get(node), node);
        }
        for (DefaultEdge edge : graph.edgeSet()) {
            print("edge", FOUND.get(edge), graph.getEdgeSource(edge) + " " + graph.getEdgeTarget(edge));
        }
    }

    static void print(String what, Map<String, String> values, String name) {
        StringBuilder line = new StringBuilder(what + "\t" + name);
        if (values != null) {
            values.forEach((key, value) -> line.append("\t" + key + "=" + value.replaceAll("\\s+", " ")));
        }
        System.out.println(line);
    }
}
