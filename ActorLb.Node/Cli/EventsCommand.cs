using System.CommandLine;
using System.Text.Json;

namespace ActorLb.Node.Cli;

/// <summary><c>events [-f] [--since 10m]</c>: what has happened, and happens.</summary>
internal static class EventsCommand
{
    public static Command Create(CommandContext context)
    {
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what happens from now on, at another node where the first one goes away." };
        var since = new Option<string?>("--since") { Description = "How far to go back, as in 10m, 2h or 1d; else an hour, and with -f not at all.", HelpName = "TIME" };
        var pool = new Option<string?>("--pool") { Description = "Of which pool alone.", HelpName = "POOL" };
        var kind = new Option<string?>("--kind") { Description = "Of which kinds alone, with commas between; backend is all of backend.up, backend.down and so on.", HelpName = "KIND" };
        var json = new Option<bool>("--json") { Description = "Print each event as the admin API sent it, a line of JSON." };
        var admin = new AdminOptions(context);
        var command = new Command(
            "events",
            "Show what has happened in the cluster: nodes, backends with who says so and why, decisions, limits, sessions that moved. For example: actorlb events -f --since 10m")
        {
            follow, since, pool, kind, json,
        };
        admin.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = admin.Connect(parsed);
            bool asJson = parsed.GetValue(json);
            string query = AdminClient.Query(("since", parsed.GetValue(since)), ("pool", parsed.GetValue(pool)), ("kind", parsed.GetValue(kind)), ("follow", parsed.GetValue(follow) ? "true" : "false"));
            try
            {
                return await RunAsync(client, query, parsed.GetValue(follow), asJson, parsed.GetValue(pool), context, cancellation);
            }
            catch (AdminException e) when (e.IsWrongUsage && (parsed.GetValue(since) ?? parsed.GetValue(kind)) is not null)
            {
                context.Complain(e.Message);
                return ExitCode.WrongUsage;
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(AdminClient client, string query, bool follows, bool asJson, string? pool, CommandContext context, CancellationToken cancellation)
    {
        if (follows)
        {
            return await FollowAsync(client, query, asJson, context, cancellation);
        }

        IReadOnlyList<JsonElement> events = await client.EventsAsync(query, cancellation);
        foreach (JsonElement one in events)
        {
            Print(context, one, asJson);
        }

        // A pool that was removed has events; one that nobody ever wrote is a slip of the pen.
        if (events.Count == 0 && pool is not null && (await client.StatusAsync(cancellation)).Pools.All(p => p.Name != pool))
        {
            context.Complain($"nothing has happened in that time to a pool {pool}, and there is none now");
        }

        return ExitCode.Good;
    }

    private static async Task<int> FollowAsync(AdminClient client, string query, bool asJson, CommandContext context, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task learns = client.KeepLearningAsync(ending.Token);
        try
        {
            await new EventFollower(client.Nodes, context.Time, context.Complain).RunAsync(query, one => Print(context, one, asJson), cancellation);
            return ExitCode.Good;
        }
        finally
        {
            await ending.CancelAsync();
            await learns;
        }
    }

    private static void Print(CommandContext context, JsonElement one, bool asJson)
    {
        if (asJson)
        {
            context.Out.Write(one.GetRawText() + "\n");
        }
        else
        {
            context.Out.WriteLine(Line(one));
        }

        context.Out.Flush();
    }

    private static string Line(JsonElement one) =>
        $"{Of(one, "at")} {Of(one, "node"),-8} {Of(one, "severity"),-7} {Of(one, "kind"),-20} {Of(one, "text")}{(Of(one, "who") is { } who ? $" (asked for by {who})" : "")}";

    private static string? Of(JsonElement one, string member) => one.TryGetProperty(member, out JsonElement value) ? value.GetString() ?? "" : null;
}
