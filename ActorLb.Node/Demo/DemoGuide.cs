using System.Text;
using ActorLb.Node.Cli;

namespace ActorLb.Node.Demo;

/// <summary>What the demo prints when all is up: who runs where, and four things to try.</summary>
internal static class DemoGuide
{
    public static string Write(DemoLayout layout, DemoOptions options, SelfCommand self, Func<string, int?> processOf)
    {
        var text = new StringBuilder("\nThree balancer nodes, one cluster, three servers:\n\n");
        foreach (DemoNode node in layout.Nodes)
        {
            text.Append($"  {node.Name}  {node.Url}   dashboard {node.AdminUrl}{Process(processOf(node.Name))}\n");
        }

        foreach (DemoBackend backend in layout.Backends)
        {
            text.Append($"  {backend.Name}   {backend.Url}   a server, asked directly{Process(processOf(backend.Name))}\n");
        }

        DemoNode first = layout.Nodes[0];
        DemoBackend drained = layout.Backends[^1];
        string urls = string.Join(", ", layout.Nodes.Skip(1).Select(n => n.Url));
        string Operator(string verb) => self.Line(verb, $"{DemoLayout.Pool}/{drained.Name}", "--admin", first.AdminUrl);
        text.Append(options.Sticky
            ? $"""

                Try:
                  1. Log in at {first.Url}, reload, then open the others ({urls}).
                     Every node leads you to the same server, and it remembers you. The page says which one it is.
                  2. Make your server sick: the one that the page names.
                {Sick(layout)}
                     After two failed probes (2 s) reload: you are at another server, which does not know you, and stay there.
                     Visitors of the others notice nothing. Well again: the same with status=200; nobody moves back.
                  3. Drain a server:        {Operator("drain")}
                     New visitors go elsewhere, its own stay: {self.Line("status", "--admin", first.AdminUrl)}
                     It takes new ones again: {Operator("ready")}
                  4. {KillANode(layout, processOf, "You stay logged in at")}
                """
            : $"""

                Affinity is off: each request goes to the next server in turn, whoever sends it. Try:
                  1. Log in at {first.Url} and reload: the page names another server each time,
                     and two of three do not know you. (Without --affinity off, all nodes lead you to one.)
                  2. Make a server sick:
                {Sick(layout)}
                     After two failed probes (2 s) reload: it is left out, and the other two take turns. Well again: the same
                     with status=200.
                  3. Drain a server:        {Operator("drain")}
                     There are no sessions to stay: it gets nothing more. {self.Line("status", "--admin", first.AdminUrl)}
                     It takes its turns again: {Operator("ready")}
                  4. {KillANode(layout, processOf, "You go on being served at")}
                """);
        text.Append("\n\nCtrl+C ends the demo.\n");
        return text.ToString();
    }

    private static string Sick(DemoLayout layout) => string.Join('\n', layout.Backends.Select(b =>
        $"       {b.Name}:  curl -X POST '{b.Url}/healthz?status=503'"));

    private static string KillANode(DemoLayout layout, Func<string, int?> processOf, string then) =>
        processOf(layout.Nodes[1].Name) is { } id
            ? $"Kill a node:           kill -9 {id}\n     {then} {layout.Nodes[0].Url} and {layout.Nodes[^1].Url}."
            : "Kill a node: start the demo with --processes; it then prints the process ids.";

    private static string Process(int? id) => id is null ? "" : $"   process {id}";
}
