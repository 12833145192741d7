using System.Text;
using ActorLb.Engine;
using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Loading;
using ActorLb.Shared.Settings;

namespace ActorLb.Bench.Routing;

/// <summary>Data planes with as many pools and backends as wanted, without affinity and without sockets.</summary>
internal static class BenchPools
{
    /// <param name="weight">Of a backend, by its place in its pool.</param>
    /// <param name="backends">In each pool.</param>
    /// <param name="balance">Of each.</param>
    public static DataPlane Node(int pools, Func<int, int> weight, int backends, string balance = "round-robin")
    {
        var text = new StringBuilder("""
            actorlb {
              node.name = publish
              listeners.http.bind = "127.0.0.1:0"

            """);
        text.Append("routes = [")
            .AppendJoin(", ", Enumerable.Range(0, pools).Select(pool => $"{{ host = \"*\", path = \"/{pool}\", pool = p{pool} }}"))
            .Append("]\n");
        for (int pool = 0; pool < pools; pool++)
        {
            text.Append($"pools.p{pool} {{ slow-start = 10s, max-connections = 1, balance = {balance}, affinity.mode = off, backends = [");
            text.AppendJoin(", ", Enumerable.Range(0, backends).Select(i => $"{{ address = \"http://10.{pool / 250}.{pool % 250}.1:{1000 + i}\", weight = {weight(i)} }}"));
            text.Append("] }\n");
        }

        ConfigurationResult result = ConfigurationLoader.FromText("publish", text.Append('}').ToString());
        NodeSettings settings = result.Settings ?? throw new InvalidOperationException(string.Join('\n', result.Mistakes));
        return new DataPlane(settings, TimeProvider.System);
    }
}
