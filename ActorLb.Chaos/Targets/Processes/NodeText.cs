using ActorLb.Chaos.Browsers;

namespace ActorLb.Chaos.Targets.Processes;

/// <summary>What a node's file says, and what a revision for all nodes does.</summary>
/// <param name="backends">That the pool has.</param>
/// <param name="certificate">From a number to the path of the file with that certificate and its key.</param>
internal sealed class NodeText(IEnumerable<BackendPlace> backends, Func<int, string> certificate)
{
    public const int ListenerPort = 8080;
    public const int SecurePort = 8443;

    /// <summary>That the nodes have.</summary>
    public static IReadOnlyList<PoolPlace> Pools { get; } = [new("web", SessionCarrier.Cookie), new("header", SessionCarrier.Header, "X-Session"), new("learn", SessionCarrier.Application, "SAMPLESESSION")];

    /// <summary>In a node's environment: its address.</summary>
    public const string AddressVariable = "CHAOS_ADDRESS";

    /// <summary>In the environment of the first node alone.</summary>
    public const string FirstVariable = "CHAOS_FIRST";

    /// <summary>Where no backend listens.</summary>
    private const int NobodysPort = 9999;

    private const string Own = $"${{{AddressVariable}}}";

    private readonly BackendPlace[] _backends = [.. backends];

    /// <summary>For a revision, in which each node puts its own address.</summary>
    public string ForAll(FileVariant variant) => $$"""
        actorlb {
          {{Dynamic(Own, variant)}}
        }
        """;

    /// <param name="own">HOCON within actorlb: what may not change while a node runs.</param>
    public string ForOne(string address, string own, FileVariant variant) => $$"""
        actorlb {
          {{own}}
          {{Dynamic($"\"{address}\"", variant)}}
        }
        """;

    private string Dynamic(string address, FileVariant variant)
    {
        List<string> backends = [.. _backends.Select((b, i) => Backend(b.Id, b.Address, i == 0 ? variant.Weight : 1))];
        if (variant.OneMore)
        {
            backends.Add(Backend("one-more", new UriBuilder(_backends[0].Address) { Port = NobodysPort }.Uri, 1));
        }

        return $$"""
            listeners {
                http { bind = {{address}}":{{ListenerPort}}" }
                https { bind = {{address}}":{{SecurePort}}", tls { enabled = true, certificate = "{{certificate(variant.Certificate)}}" } }
              }
              limits { idle-timeout = {{variant.IdleSeconds}}s }
              pools { {{string.Join("\n", Pools.Select(p => $"{p.Name} {{ backends = [ {string.Join(", ", backends)} ]{AffinityOf(p)} }}"))}} }
              routes = [ {{string.Join(", ", Pools.Select((p, i) => $"{{ host = \"{(i == 0 ? "*" : Sites.Of(p.Name))}\", pool = {p.Name} }}"))}} ]
              {{variant.Mistake}}
            """;
    }

    private static string AffinityOf(PoolPlace pool) => pool.Carrier switch
    {
        SessionCarrier.Header => $", affinity {{ mode = header, header = \"{pool.Field}\" }}",
        SessionCarrier.Application => $", affinity {{ mode = learn, learn.cookie = \"{pool.Field}\" }}",
        _ => "",
    };

    private static string Backend(string id, Uri address, int weight) =>
        $$"""{ id = "{{id}}", address = "{{address.GetLeftPart(UriPartial.Authority)}}", weight = {{weight}} }""";
}
