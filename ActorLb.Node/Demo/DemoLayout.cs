using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace ActorLb.Node.Demo;

/// <summary>One balancer node of the demo and its ports on 127.0.0.1.</summary>
internal sealed record DemoNode(string Name, int HttpPort, int AdminPort, int ClusterPort)
{
    public string Url => $"http://127.0.0.1:{HttpPort}";

    public string AdminUrl => $"http://127.0.0.1:{AdminPort}";
}

/// <summary>One sample backend of the demo; its name is its id in the pool.</summary>
internal sealed record DemoBackend(string Name, int Port)
{
    public string Url => $"http://127.0.0.1:{Port}";
}

/// <summary>Who takes part in the demo, and where.</summary>
internal sealed record DemoLayout(ImmutableArray<DemoNode> Nodes, ImmutableArray<DemoBackend> Backends)
{
    public const string Pool = "web";

    public static DemoLayout WellKnown { get; } = new(
        [new("node-1", 8081, 8091, 8111), new("node-2", 8082, 8092, 8112), new("node-3", 8083, 8093, 8113)],
        [new("web-1", 9001), new("web-2", 9002), new("web-3", 9003)]);

    /// <summary>The ports that somebody else has, each with what it was meant for.</summary>
    public ImmutableArray<string> TakenPorts() =>
    [
        .. Nodes
            .SelectMany(n => new[] { (n.HttpPort, n.Name), (n.AdminPort, $"{n.Name}, admin"), (n.ClusterPort, $"{n.Name}, cluster") })
            .Concat(Backends.Select(b => (b.Port, b.Name)))
            .Where(p => IsTaken(p.Item1))
            .Select(p => $"{p.Item1} ({p.Item2})"),
    ];

    private static bool IsTaken(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
