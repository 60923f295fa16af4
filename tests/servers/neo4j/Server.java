import java.nio.file.Path;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;

/** Neo4j community with the settings of HOME/conf/neo4j.conf, until it is told to end. */
public class Server {
    public static void main(String[] args) throws InterruptedException {
        var home = Path.of(args[0]);
        var server = new DatabaseManagementServiceBuilder(home)
                .loadPropertiesFromFile(home.resolve("conf/neo4j.conf"))
                .build();
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
        Thread.currentThread().join();
    }
}
