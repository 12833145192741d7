using System.Collections.Immutable;
using ActorLb.Node.Admin;
using ActorLb.Node.Cli;

namespace ActorLb.Node.Demo;

/// <summary>Waits until every node is ready, sees all the others, and has found every backend up.</summary>
internal sealed class DemoReadiness(CommandContext context, DemoLayout layout)
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(250);

    private string _missing = "nobody has answered yet";

    /// <summary>What was still missing when it was last asked.</summary>
    public string Missing => Volatile.Read(ref _missing);

    public async Task WaitAsync(CancellationToken cancellation)
    {
        string? token = context.Variable(AdminOptions.TokenVariable) is { Length: > 0 } set ? set : null;
        AdminClient[] clients = [.. layout.Nodes.Select(n => new AdminClient(new Uri(n.AdminUrl), token, context.Time))];
        try
        {
            // Nodes in other processes can only be asked.
            using var timer = new PeriodicTimer(AskEvery, context.Time);
            while (true)
            {
                string?[] missing = await Task.WhenAll(clients.Select((c, i) => MissingAtAsync(layout.Nodes[i], c, cancellation)));
                if (missing.FirstOrDefault(m => m is not null) is not { } first)
                {
                    return;
                }

                Volatile.Write(ref _missing, first);
                await timer.WaitForNextTickAsync(cancellation);
            }
        }
        finally
        {
            foreach (AdminClient client in clients)
            {
                client.Dispose();
            }
        }
    }

    private async Task<string?> MissingAtAsync(DemoNode node, AdminClient client, CancellationToken cancellation)
    {
        try
        {
            if (!await client.IsReadyAsync(cancellation))
            {
                return $"{node.Name} is not ready";
            }

            StatusDocument status = await client.StatusAsync(cancellation);
            int members = status.Members.Count(m => m is { Status: "up", Reachable: true });
            if (members < layout.Nodes.Length)
            {
                return $"{node.Name} sees {members} of {layout.Nodes.Length} nodes";
            }

            ImmutableArray<string> waiting = [.. status.Pools.SelectMany(p => p.Backends).Where(b => b.State != "up").Select(b => b.Id)];
            return waiting.IsEmpty ? null : $"{node.Name} has not found {string.Join(", ", waiting)} up";
        }
        catch (AdminException e)
        {
            return e.Message;
        }
    }
}
