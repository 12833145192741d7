using System.Text;
using ActorLb.Node.Cli;

namespace ActorLb.Node.Demo;

/// <summary>What the demo prints when all is up: who runs where, and four things to try.</summary>
public static class DemoGuide
{
    public static string Write(DemoLayout layout, DemoWishes wishes, SelfCommand self, Func<string, int?> processOf)
    {
        var text = new StringBuilder("\nThree balancer nodes, one cluster, three servers:\n\n");
        foreach (DemoNode node in layout.Nodes)
        {
            text.Append($"  {node.Name}  {node.Url}   admin {node.AdminUrl}{Process(processOf(node.Name))}\n");
        }

        foreach (DemoBackend backend in layout.Backends)
        {
            text.Append($"  {backend.Name}   {backend.Url}   a server, asked directly{Process(processOf(backend.Name))}\n");
        }

        DemoNode first = layout.Nodes[0];
        DemoBackend sick = layout.Backends[0];
        DemoBackend drained = layout.Backends[^1];
        string urls = string.Join(", ", layout.Nodes.Skip(1).Select(n => n.Url));
        text.Append(wishes.Sticky
            ? $"""

                Try:
                  1. Log in at {first.Url}, reload, then open the others ({urls}).
                     Every node leads you to the same server, and it remembers you.
                """
            : $"""

                Affinity is off. Try:
                  1. Log in at {first.Url} and reload: each request goes to the next server,
                     and two of three do not know you. (Without --affinity off, all of them lead you to one.)
                """);
        text.Append($"""

              2. Make a server sick:    curl -X POST '{sick.Url}/healthz?status=503'
                 Its sessions move once, all others stay. Well again: the same with status=200; nobody moves back.
              3. Drain a server:        {self.Line("drain", $"{DemoLayout.Pool}/{drained.Name}", "--admin", first.AdminUrl)}
                 New visitors go elsewhere, its own stay. Then: {self.Line("status", "--admin", first.AdminUrl)}
              4. {KillANode(layout, processOf)}

            Ctrl+C ends the demo.

            """);
        return text.ToString();
    }

    private static string KillANode(DemoLayout layout, Func<string, int?> processOf) =>
        processOf(layout.Nodes[1].Name) is { } id
            ? $"Kill a node:           kill -9 {id}\n     You stay logged in at {layout.Nodes[0].Url} and {layout.Nodes[^1].Url}."
            : "Kill a node: start the demo with --processes; it then prints the process ids.";

    private static string Process(int? id) => id is null ? "" : $"   process {id}";
}
