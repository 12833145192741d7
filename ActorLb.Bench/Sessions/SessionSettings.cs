using System.Globalization;
using ActorLb.Node.Configuration;
using ActorLb.Shared.Settings;

namespace ActorLb.Bench.Sessions;

/// <summary>The settings of the nodes of a run: the product's defaults, but for addresses and for health that does not get in the way.</summary>
internal static class SessionSettings
{
    public const string Pool = "web";

    /// <summary>The command line of a node.</summary>
    public static string[] Arguments(string folder, int index, int[] clusterPorts, int[] listenPorts, int[] backendPorts, string births) =>
    [
        "session-node",
        folder,
        index.ToString(CultureInfo.InvariantCulture),
        string.Join(",", clusterPorts),
        string.Join(",", listenPorts),
        string.Join(",", backendPorts),
        births,
    ];

    public static NodeSettings Parse(string[] arguments, out string births)
    {
        string folder = arguments[0];
        int index = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        int[] cluster = Ports(arguments[2]);
        int[] listen = Ports(arguments[3]);
        births = arguments[5];
        string path = Path.Combine(folder, $"node-{index}.conf");
        File.WriteAllText(path, $$"""
            actorlb {
              node { name = "lb{{index}}", data-dir = "{{Path.Combine(folder, $"data-{index}")}}" }
              cluster { host = "127.0.0.1", port = {{cluster[index]}}
                        discovery { seeds = [{{string.Join(", ", cluster.Select(p => $"\"127.0.0.1:{p}\""))}}] } }
              admin { bind = "127.0.0.1:0" }
              listeners { http { bind = "127.0.0.1:{{listen[index]}}" } }
              routes = [ { host = "*", path = "/", pool = {{Pool}} } ]
              pools { {{Pool}} {
                backends = [ {{string.Join(", ", Ports(arguments[4]).Select((p, i) => $$"""{ id = web-{{i}}, address = "http://127.0.0.1:{{p}}" }"""))}} ]
                affinity { max-sessions = 1500000 }
              } }
            }
            """);
        ConfigurationResult result = ConfigurationLoader.Load([path]);
        return result.Settings ?? throw new InvalidOperationException(string.Join("\n", result.Mistakes));
    }

    private static int[] Ports(string text) => [.. text.Split(',').Select(p => int.Parse(p, CultureInfo.InvariantCulture))];
}
