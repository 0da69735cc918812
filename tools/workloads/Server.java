// An HTTP server with a pool of threads that reads a file for every request.
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;

public class Server {
	public static void main(String[] args) throws Exception {
		int port = Integer.parseInt(args[0]);
		HttpServer server = HttpServer.create(
			new InetSocketAddress("127.0.0.1", port), 0);
		server.setExecutor(Executors.newFixedThreadPool(8));
		server.createContext("/", exchange -> {
			byte[] data = Files.readAllBytes(Path.of("small.html"));
			exchange.sendResponseHeaders(200, data.length);
			exchange.getResponseBody().write(data);
			exchange.close();
		});
		server.start();
	}
}
