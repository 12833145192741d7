import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * java Follow.java FOLDER CLIENTS URL...: so many clients, each with a cookie jar, log in and ask /whoami of every node in turn.
 * They log out and in again every now and then, until FOLDER has a file "calm", and end when it has a file "stop". Nodes that
 * are gone are left out, as any client does. Prints whoever came to another server or was not known any more, and ends with 1.
 */
public class Follow {
    private static final AtomicInteger ROUNDS = new AtomicInteger();
    private static final AtomicInteger LOST = new AtomicInteger();
    private static final AtomicInteger LOGINS = new AtomicInteger();

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        List<URI> nodes = new ArrayList<>();
        for (int i = 2; i < arguments.length; i++) {
            nodes.add(URI.create(arguments[i]));
        }

        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
            Client client = new Client("client-" + i, folder, nodes, i);
            Thread thread = new Thread(client);
            threads.add(thread);
            thread.start();
        }

        for (Thread thread : threads) {
            thread.join();
        }

        System.out.println(LOGINS + " logins, " + ROUNDS + " answers, " + LOST + " lost");
        System.exit(LOST.get() == 0 ? 0 : 1);
    }

    private static final class Client implements Runnable {
        private final String name;
        private final Path folder;
        private final List<URI> nodes;
        private HttpClient http;
        private int next;
        private int visits;
        private String server;

        Client(String name, Path folder, List<URI> nodes, int first) {
            this.name = name;
            this.folder = folder;
            this.nodes = nodes;
            this.next = first;
        }

        @Override
        public void run() {
            try {
                login();
                for (int round = 1; !Files.exists(folder.resolve("stop")); round++) {
                    ask();
                    int all = ROUNDS.incrementAndGet();
                    if (all % 100 == 0) {
                        System.out.println("round " + all / 100);
                    }

                    if (round % (7 + name.length()) == 0 && !Files.exists(folder.resolve("calm"))) {
                        send("/logout", null);
                        login();
                    }

                    Thread.sleep(20);
                }
            } catch (Exception e) {
                LOST.incrementAndGet();
                System.out.println(name + ": " + e);
            }
        }

        // A new jar: what became of a login whose answer was cut off, nobody knows.
        private void login() throws Exception {
            while (true) {
                http = HttpClient.newBuilder().cookieHandler(new CookieManager()).connectTimeout(Duration.ofSeconds(5)).build();
                server = null;
                visits = 0;
                try {
                    once("/", null);
                    once("/login", "user=" + name);
                    ask();
                    LOGINS.incrementAndGet();
                    return;
                } catch (IOException e) {
                    Thread.sleep(100);
                }
            }
        }

        private void ask() throws Exception {
            String answer = send("/whoami", null);
            String now = value(answer, "server");
            int count = Integer.parseInt(value(answer, "visits"));
            if (!name.equals(value(answer, "user")) || (server != null && !now.equals(server)) || count <= visits) {
                LOST.incrementAndGet();
                System.out.println(name + ": " + answer + " after visit " + visits + " to " + server);
                login();
                return;
            }

            server = now;
            visits = count;
        }

        private String send(String path, String form) throws Exception {
            for (int attempt = 0; ; attempt++) {
                try {
                    return once(path, form);
                } catch (IOException e) {
                    if (attempt == 600) {
                        throw e;
                    }

                    Thread.sleep(100);
                }
            }
        }

        private String once(String path, String form) throws Exception {
            URI node = nodes.get(next++ % nodes.size());
            HttpRequest.Builder request = HttpRequest.newBuilder(node.resolve(path)).timeout(Duration.ofSeconds(20));
            if (form != null) {
                request.header("Content-Type", "application/x-www-form-urlencoded").POST(HttpRequest.BodyPublishers.ofString(form));
            }

            HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() >= 500) {
                throw new IOException(answer.statusCode() + " " + answer.body());
            }

            return answer.body();
        }

        private static String value(String json, String key) {
            int at = json.indexOf('"' + key + "\":") + key.length() + 3;
            int end = at;
            while (end < json.length() && ",}".indexOf(json.charAt(end)) < 0) {
                end++;
            }

            return json.substring(at, end).replace("\"", "");
        }
    }
}
