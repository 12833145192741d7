using System.Text;

namespace ActorLb.Node.Demo;

/// <summary>Writes the configuration of a demo node: the same for all but for the name, the ports and the directory.</summary>
internal static class DemoConfiguration
{
    /// <param name="dataDirectory">The node's own.</param>
    /// <param name="sticky">False: affinity off.</param>
    public static string Write(DemoLayout layout, DemoNode node, string dataDirectory, bool sticky)
    {
        string seeds = string.Join(", ", layout.Nodes.Select(n => $"\"127.0.0.1:{n.ClusterPort}\""));
        var text = new StringBuilder();
        text.Append($$"""
            # {{node.Name}} of the demo
            actorlb {
              node {
                name = "{{node.Name}}"
                data-dir = "{{dataDirectory.Replace(@"\", @"\\", StringComparison.Ordinal)}}"
              }
              cluster {
                host = "127.0.0.1"
                port = {{node.ClusterPort}}
                discovery {
                  method = seeds
                  seeds = [{{seeds}}]
                }
              }
              admin.bind = "127.0.0.1:{{node.AdminPort}}"
              listeners.http.bind = "127.0.0.1:{{node.HttpPort}}"
              routes = [
                { host = "*", path = "/", pool = {{DemoLayout.Pool}} }
              ]
              pools.{{DemoLayout.Pool}} {
                backends = [

            """);
        foreach (DemoBackend backend in layout.Backends)
        {
            text.Append($$"""      { id = "{{backend.Name}}", address = "{{backend.Url}}" }""").Append('\n');
        }

        text.Append($$"""
                ]
                affinity.mode = {{(sticky ? "cookie" : "off")}}
                health {
                  path = "/healthz"
                  interval = 1s
                }
              }
            }

            """);
        return text.ToString();
    }
}
