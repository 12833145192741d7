using System.Globalization;
using ActorLb.Bench.Sessions;

namespace ActorLb.Bench.Comparison;

/// <summary>
/// The balancers, each set up as its documentation says for this job, with so many threads, logs off, kept-alive
/// connections to the backends, X-Forwarded-For set. Programs from Debian's packages haproxy, nginx and caddy.
/// </summary>
/// <param name="baseline">The ActorLb.Node.dll of an earlier build, to stand beside this one; empty where there is none.</param>
/// <param name="against">Of the others only these take part; empty: all.</param>
internal sealed class Contenders(WorkFolder work, string[] backends, string baseline, string[] against)
{
    /// <summary>Bindings that the table has room for.</summary>
    public const int SessionsMax = 2_000_000;

    private const int Million = 1_000_000;
    private const int MadePerSecond = 50_000;

    private static readonly string OwnNode = Path.Combine(AppContext.BaseDirectory, "ActorLb.Node.dll");

    private int _files;

    /// <summary>Those of a scenario, its first always, and behind them the earlier build's two lanes, where there is one.</summary>
    public string[] With(string[] names)
    {
        string[] taking = against.Length == 0 ? names : [names[0], .. names.Skip(1).Where(against.Contains)];
        return baseline.Length == 0 ? taking : [.. taking, "baseline", .. taking.Contains("kestrel") ? ["baseline-kestrel"] : Array.Empty<string>()];
    }

    /// <exception cref="System.ComponentModel.Win32Exception">Its program is not installed.</exception>
    public Task<Contender> StartAsync(string name, int threads) => name switch
    {
        "actorlb" => ActorLbAsync(name, threads),
        "actorlb-log" => ActorLbAsync(name, threads, accessLog: true),
        "actorlb-million" => ActorLbWithAMillionAsync(name, threads),
        "kestrel" => ActorLbAsync(name, threads, "kestrel"),
        "baseline" => ActorLbAsync(name, threads, node: baseline),
        "baseline-kestrel" => ActorLbAsync(name, threads, "kestrel", node: baseline),
        "haproxy-cookie" => HaproxyCookieAsync(threads),
        "haproxy-stick" => HaproxyStickAsync(threads),
        "nginx" => NginxAsync(threads),
        "caddy" => CaddyAsync(),
        "yarp" => YarpAsync(),
        _ => throw new ArgumentException(name),
    };

    /// <summary>A whole node as <c>actorlb run</c> starts it: tickets, table, owners, metrics and probes are on.</summary>
    /// <param name="engine">kestrel or epoll.</param>
    public Task<Contender> ActorLbAsync(string name, int threads, string engine = "epoll", bool accessLog = false, string? node = null)
    {
        int port = Ports.Free();
        string configuration = NodeConfiguration(port, threads, engine, accessLog);
        return StartAsync(name, port, BenchProcess.Start("dotnet", [node ?? OwnNode, "run", "--config", configuration, "--log-level", "none"]), compiles: true);
    }

    /// <summary>The same with a million bindings of other sessions in its table.</summary>
    public async Task<Contender> ActorLbWithAMillionAsync(string name, int threads)
    {
        int port = Ports.Free();
        BenchProcess process = BenchProcess.Self(["session-node", NodeConfiguration(port, threads, "epoll", accessLog: false), "0+0"], piped: true);
        Contender contender = await StartAsync(name, port, process, compiles: true);
        await process.Input.WriteLineAsync($"grow 0+{Million} 0 1 {MadePerSecond}");
        await process.Input.FlushAsync();
        while (await process.Output.ReadLineAsync() is { } line && !(line.StartsWith("! made ", StringComparison.Ordinal) && Made(line) >= Million))
        {
        }

        return contender;

        static int Made(string line) => int.Parse(line.Split(' ')[3], CultureInfo.InvariantCulture);
    }

    /// <param name="clientsMax">It asks the system for twice as many descriptors, and does not start without.</param>
    public Task<Contender> HaproxyCookieAsync(int threads, int clientsMax = 4000) =>
        HaproxyAsync("haproxy-cookie", threads, "cookie SRV insert indirect nocache", b => $"cookie {b}", "", clientsMax: clientsMax);

    /// <summary>The state in a table that is told to a peer, as who has two HAProxies does it.</summary>
    public async Task<Contender> HaproxyStickAsync(int threads)
    {
        string peers = $"""
            peers all
              peer one 127.0.0.1:{Ports.Free()}
              peer two 127.0.0.1:{Ports.Free()}
            """;
        const string Table = "stick-table type string len 32 size 1m expire 30m peers all\n  stick on req.cook(APP)";
        Contender one = await HaproxyAsync("haproxy-stick", threads, Table, _ => "", peers, "one");
        Contender two = await HaproxyAsync("peer", 1, Table, _ => "", peers, "two");
        return one with { Processes = [.. one.Processes, .. two.Processes] };
    }

    public Task<Contender> NginxAsync(int threads)
    {
        int port = Ports.Free();
        string servers = string.Join(' ', backends.Select(b => $"server {b};"));
        string configuration = Write(".conf", $$"""
            daemon off;
            worker_processes {{threads}};
            master_process {{(threads > 1 ? "on" : "off")}};
            pid {{work.Path}}/proxy-{{port}}.pid;
            events { worker_connections 12000; }
            http {
              access_log off;
              keepalive_requests 100000000;
              keepalive_timeout 600s;
              client_max_body_size 100m;
              client_body_temp_path {{work.Path}}/body-{{port}};
              proxy_temp_path {{work.Path}}/proxy-{{port}};
              fastcgi_temp_path {{work.Path}}/fastcgi-{{port}};
              uwsgi_temp_path {{work.Path}}/uwsgi-{{port}};
              scgi_temp_path {{work.Path}}/scgi-{{port}};
              upstream web { {{servers}} keepalive 128; keepalive_requests 100000000; }
              server {
                listen 127.0.0.1:{{port}};
                location / {
                  proxy_pass http://web;
                  proxy_http_version 1.1;
                  proxy_request_buffering off;
                  proxy_set_header Connection "";
                  proxy_set_header Host $host;
                  proxy_set_header X-Forwarded-For $remote_addr;
                  proxy_set_header X-Forwarded-Proto $scheme;
                }
              }
            }
            """);
        return StartAsync("nginx", port, BenchProcess.Start(NginxBackends.Program, ["-c", configuration, "-e", Path.Combine(work.Path, "error.log")]));
    }

    public Task<Contender> CaddyAsync()
    {
        int port = Ports.Free();
        string configuration = Write(".Caddyfile", $$"""
            {
              admin off
              auto_https off
              storage file_system {{work.Path}}/caddy
              log {
                output discard
              }
            }
            http://127.0.0.1:{{port}} {
              reverse_proxy {{string.Join(' ', backends)}} {
                lb_policy cookie
              }
            }
            """);
        return StartAsync("caddy", port, BenchProcess.Start("caddy", ["run", "--adapter", "caddyfile", "--config", configuration]));
    }

    public Task<Contender> YarpAsync()
    {
        int port = Ports.Free();
        return StartAsync("yarp", port, BenchProcess.Self(["yarp", $"127.0.0.1:{port}", .. backends]), compiles: true);
    }

    private Task<Contender> HaproxyAsync(string name, int threads, string sticky, Func<string, string> server, string peers, string local = "one", int clientsMax = 4000)
    {
        int port = Ports.Free();
        string servers = string.Join('\n', backends.Select((b, i) => $"  server s{i} {b} check {server("s" + i.ToString(CultureInfo.InvariantCulture))}"));
        string configuration = Write(".cfg", $"""
            global
              nbthread {threads}
              maxconn {clientsMax}
            defaults
              mode http
              timeout client 600s
              timeout server 60s
              timeout connect 2s
              http-reuse always
              option forwardfor
            {peers}
            frontend all
              bind 127.0.0.1:{port}
              default_backend web
            backend web
              balance roundrobin
              {sticky}
            {servers}

            """);
        return StartAsync(name, port, BenchProcess.Start("haproxy", ["-db", "-L", local, "-f", configuration]));
    }

    private string NodeConfiguration(int port, int threads, string engine, bool accessLog)
    {
        // Those that session-node knows its sessions to live at.
        string servers = string.Join(", ", backends.Zip(SessionNumbers.Backends, (b, id) => $$"""{ id = "{{id}}", address = "http://{{b}}" }"""));
        return Write(".conf", $$"""
            actorlb {
              node.name = bench
              node.data-dir = "{{work.Path}}/data-{{port}}"
              cluster.port = {{Ports.Free()}}
              admin.bind = "127.0.0.1:0"
              listeners.http { bind = "127.0.0.1:{{port}}", engine = {{engine}}, loops = {{threads}} }
              access-log.path = "{{(accessLog ? Path.Combine(work.Path, "access.log") : "")}}"
              limits { connections-max = 0, connections-per-address-max = 0, body-rate-min = 0, read-rate-min = 0 }
              routes = [{ host = "*", path = "/", pool = web }]
              pools.web { backends = [{{servers}}], affinity.max-sessions = {{SessionsMax}}, health.path = "/" }
            }
            """);
    }

    private static async Task<Contender> StartAsync(string name, int port, BenchProcess process, bool compiles = false)
    {
        await Ports.AcceptsAsync(port);
        return new Contender(name, $"127.0.0.1:{port}", compiles, process);
    }

    private string Write(string ending, string content) => work.Write($"contender-{++_files}{ending}", content);
}
