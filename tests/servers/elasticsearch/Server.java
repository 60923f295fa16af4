import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.Node;

/** One Elasticsearch node with the settings of HOME/config/elasticsearch.yml, until it is told to end. */
public class Server {
    public static void main(String[] args) throws Exception {
        LogConfigurator.configureESLogging(); // before any class of theirs asks for a logger
        var home = Path.of(args[0]);
        var config = home.resolve("config");
        var settings = Settings.builder()
                .loadFromPath(config.resolve("elasticsearch.yml"))
                .put("path.home", home.toString())
                .build();
        var environment = new Environment(settings, config);
        LogConfigurator.configure(environment, true);
        var node = node(environment);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
        node.start();
        Thread.currentThread().join();
    }

    /** Versions before 8.18 load their modules themselves; later ones are given a loader. */
    private static Node node(Environment environment) throws Exception {
        for (var constructor : Node.class.getConstructors()) {
            if (constructor.getParameterCount() == 1) {
                return (Node) constructor.newInstance(environment);
            }
        }
        var loader = Class.forName("org.elasticsearch.plugins.PluginsLoader");
        var plugins = loader.getMethod("createPluginsLoader", Set.class, Set.class, Map.class)
                .invoke(null, modules(loader, environment.modulesDir()), Set.of(), Map.of());
        return (Node) Node.class.getConstructor(Environment.class, loader).newInstance(environment, plugins);
    }

    /** Since 9.5 the loader is also told whether the node keeps no state of its own. */
    private static Object modules(Class<?> loader, Path folder) throws Exception {
        try {
            return loader.getMethod("loadModulesBundles", Path.class).invoke(null, folder);
        } catch (NoSuchMethodException newer) {
            return loader.getMethod("loadModulesBundles", Path.class, boolean.class).invoke(null, folder, false);
        }
    }

    private static void close(Node node) {
        try {
            node.close();
        } catch (Exception error) {
            error.printStackTrace();
        }
    }
}
