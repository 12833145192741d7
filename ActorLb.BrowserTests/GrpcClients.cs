using ActorLb.ProcessTests;

namespace ActorLb.BrowserTests;

/// <summary>Clients of gRPC in other languages than .NET, for the service of the gRPC sample: what each needs, and how it is started.</summary>
internal static class GrpcClients
{
    private static readonly Lazy<Task<string>> Go = new(BuildGoAsync);

    /// <summary>Starts the client of a language, built where it has to be.</summary>
    /// <param name="arguments">ADDRESS [ROOT], or follow FOLDER ADDRESS…</param>
    public static async Task<ActorLbProcess> StartAsync(string language, params string[] arguments) => language switch
    {
        "Python" => ActorLbProcess.StartProgram(Programs.Python, [], [Source("client.py"), .. arguments]),
        "Go" => ActorLbProcess.StartProgram(await Go.Value, [], arguments),
        "Java" => ActorLbProcess.StartProgram(Programs.Java, [], ["-cp", JavaClasses, Source("Client.java"), .. arguments]),
        _ => throw new ArgumentOutOfRangeException(nameof(language), language, "no client is in this language"),
    };

    // libgrpc-java's, and what Debian does not install with them.
    private static string JavaClasses
    {
        get
        {
            string[] archives =
            [
                "grpc-api", "grpc-context", "grpc-core", "grpc-netty", "grpc-stub", "guava", "perfmark-api",
                "netty-buffer", "netty-codec", "netty-codec-http", "netty-codec-http2", "netty-codec-socks", "netty-common", "netty-handler",
                "netty-handler-proxy", "netty-resolver", "netty-transport",
            ];
            return string.Join(':', archives.Select(a => $"/usr/share/java/{a}.jar").Select(path => File.Exists(path)
                ? path
                : throw new InvalidOperationException($"the client in Java needs {path}: 'apt-get install libgrpc-java libguava-java libnetty-java libperfmark-java' on Debian")));
        }
    }

    private static async Task<string> BuildGoAsync()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "grpc-client-go");

        // Debian's packages are sources of one workspace, without modules.
        var environment = new Dictionary<string, string> { ["GO111MODULE"] = "off", ["GOPATH"] = "/usr/share/gocode" };
        await using ActorLbProcess build = ActorLbProcess.StartProgram(Programs.Go, environment, "build", "-o", program, Source("client.go"));
        return await build.ExitCodeAsync(TimeSpan.FromMinutes(5)) == 0
            ? program
            : throw new InvalidOperationException($"the client in Go needs 'apt-get install golang-google-grpc-dev' on Debian:\n{build.Output}");
    }

    private static string Source(string file) => Programs.InRepository("ActorLb.BrowserTests", "Grpc", file);
}
