using System.CommandLine;
using System.Globalization;
using ActorLb.Node.Admin;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Cli;

/// <summary><c>ready|maintenance POOL/BACKEND</c>: the operator's decisions on one backend, and what is said of each.</summary>
internal static class OperatorCommands
{
    public static Command Ready(CommandContext context) =>
        Create(context, "ready", "Give a backend new sessions again. For example: actorlb ready web/web-1");

    public static Command Maintenance(CommandContext context) =>
        Create(context, "maintenance", "Take a backend out at once; its sessions are moved. For example: actorlb maintenance web/web-1");

    /// <summary>The one that is meant.</summary>
    internal static Argument<string> Backend()
    {
        var backend = new Argument<string>("POOL/BACKEND")
        {
            Description = "The backend, as status shows it: web/web-1; or web-1, or its address, where one pool alone has such a backend.",
        };
        backend.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && (text.Length == 0 || text[0] == '/' || (text[^1] == '/' && !text.Contains("://", StringComparison.Ordinal))))
            {
                result.AddError($"'{text}' is no POOL/BACKEND, such as web/web-1.");
            }
        });
        return backend;
    }

    /// <summary>Says what was decided, and what a script should know of it. Failed: some node may not go by it, or forget it.</summary>
    internal static int Tell(CommandContext context, DecisionDocument decision, bool json)
    {
        if (json)
        {
            context.PrintJson(decision);
        }
        else
        {
            context.Out.WriteLine(Sentence(decision));
        }

        if (decision.NobodyElse)
        {
            context.Complain($"no other backend of {decision.Pool} takes new sessions: the drain goes on, and cannot finish before one does; new clients get 503");
        }

        if (decision.NotInForce is { Count: > 0 } silent)
        {
            context.Complain(
                $"{string.Join(", ", silent)} did not say that {(silent.Count == 1 ? "it goes" : "they go")} by it, and may still send requests to {decision.Pool}/{decision.Backend} as before: ask again before you stop that server");
        }

        if (decision.Confirmed)
        {
            return decision.NotInForce is { Count: > 0 } ? ExitCode.Failed : ExitCode.Good;
        }

        if (decision.NotOnDisk is { Count: > 0 } unsaved)
        {
            context.Complain($"it is not on disk at a majority of the nodes: {string.Join(", ", unsaved)} cannot write it, and try again every second; until then a restart may forget it");
            return ExitCode.Failed;
        }

        context.Complain($"only some nodes have it yet: {decision.Node} recorded it, and it spreads to the others when they can be reached");
        return ExitCode.Failed;
    }

    private static Command Create(CommandContext context, string verb, string description)
    {
        Argument<string> backend = Backend();
        var admin = new AdminOptions(context);
        Option<bool> json = CommonOptions.Json();
        var command = new Command(verb, description) { backend, json };
        admin.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = admin.Connect(parsed);
            BackendName name = await BackendFinder.FindAsync(client, parsed.GetRequiredValue(backend), cancellation);
            return Tell(context, await client.SetAsync(name, verb, cancellation), parsed.GetValue(json));
        });
        return command;
    }

    private static string Sentence(DecisionDocument decision) => decision.Note is { } note
        ? $"nothing is decided about {decision.Pool}/{decision.Backend} any more; {note}"
        : $"{decision.Pool}/{decision.Backend} is {decision.Operator}"
        + (decision.Deadline is { } until ? $" until {until.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}" : "")
        + (decision.Moving switch
        {
            null => "",
            { Rate: { } rate } => string.Create(CultureInfo.InvariantCulture, $"; its sessions move, {rate} a second"),
            _ => "; its sessions move at once",
        });
}
