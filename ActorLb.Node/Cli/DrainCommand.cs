using System.CommandLine;
using System.Globalization;
using ActorLb.Node.Admin;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;

namespace ActorLb.Node.Cli;

/// <summary><c>drain POOL/BACKEND</c>: a backend finishes its sessions, or they are moved; with <c>--wait</c> until its server can be stopped.</summary>
internal static class DrainCommand
{
    public static Command Create(CommandContext context)
    {
        Argument<string> backend = OperatorCommands.Backend();
        Option<string?> deadline = Deadline();
        Option<int?> rate = Rate();
        var move = new Option<bool>("--move") { Description = "Move its sessions now, each once; their WebSockets are closed as they move." };
        var wait = new Option<bool>("--wait") { Description = "Show what is left until the server can be stopped; then the exit code is 0. Ctrl+C ends the waiting alone." };
        Option<bool> json = CommonOptions.Json();
        var admin = new AdminOptions(context);
        var command = new Command(
            "drain",
            """
            Let a backend finish its sessions; new ones go elsewhere. For example: actorlb drain web/web-1 --deadline 5m. To stop its server for an upgrade: actorlb drain web/web-1 --move --rate 200 --wait && ssh web-1 systemctl restart shop; then actorlb ready web/web-1.
            """.Trim())
        {
            backend, deadline, move, rate, wait, json,
        };
        admin.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(rate) is not null && result.GetResult(move) is null)
            {
                result.AddError("--rate says how fast sessions are moved: it goes with --move.");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = admin.Connect(parsed);
            BackendName name = await BackendFinder.FindAsync(client, parsed.GetRequiredValue(backend), cancellation);
            var change = new DrainChange(parsed.GetValue(deadline), parsed.GetValue(move), parsed.GetValue(rate));
            bool inJson = parsed.GetValue(json);
            if (!parsed.GetValue(wait))
            {
                return OperatorCommands.Tell(context, await client.DrainAsync(name, change, cancellation), inJson);
            }

            // Whoever only waits does not change what was decided, by whatever it leaves.
            bool drains = change == DrainChange.None
                && (await client.DrainsAsync(cancellation)).Drains.Any(d => d.Pool == name.Pool && d.Backend == name.Id);
            if (!drains && change == DrainChange.None && await IsRemovedAsync(client, name, cancellation))
            {
                // What waits for it looks whether it is gone.
                drains = true;
            }

            if (!drains)
            {
                OperatorCommands.Tell(context, await client.DrainAsync(name, change, cancellation), inJson);
            }

            return await new DrainWait(context, client, name, inJson) { HasEnd = change.Move || change.Deadline is not null }.RunAsync(cancellation);
        });
        return command;
    }

    private static async Task<bool> IsRemovedAsync(AdminClient client, BackendName name, CancellationToken cancellation) =>
        (await client.DiffAsync(cancellation)).Overlays.Any(o => o.Pool == name.Pool && o.Backend == name.Id && o.Change == "removed");

    internal static Option<string?> Deadline()
    {
        var deadline = new Option<string?>("--deadline")
        {
            Description = "After this long, bound sessions are moved all the same: 30s, 5m, 1h.",
            HelpName = "SPAN",
        };
        deadline.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !DrainDeadline.TryParse(text, out _))
            {
                result.AddError($"--deadline: '{text}' is no deadline: it is {DrainDeadline.Wanted}.");
            }
        });
        return deadline;
    }

    private static Option<int?> Rate() => new("--rate")
    {
        Description = "With --move: so many sessions a second, over the whole cluster; else all at once.",
        HelpName = "N",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int rate) && rate is >= 1 and <= SessionMoves.RateMax)
            {
                return rate;
            }

            result.AddError($"--rate: '{text}' is no rate: it is a whole number of sessions a second, 1 to {SessionMoves.RateMax}.");
            return null;
        },
    };
}
