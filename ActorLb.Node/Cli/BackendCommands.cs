using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ActorLb.Node.Admin;
using ActorLb.Node.Configuration.Sections;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Cli;

/// <summary><c>add</c>, <c>remove</c> and <c>weight</c>: backends at run time, over what is written, at all nodes.</summary>
internal static class BackendCommands
{
    public static Command Add(CommandContext context)
    {
        var pool = new Argument<string>("POOL") { Description = "The pool." };
        var address = new Argument<string>("ADDRESS") { Description = "Where the server is: http://host:port or https://host:port." };
        var id = new Option<string?>("--id") { Description = "What it is called; else host:port.", HelpName = "ID" };
        Option<int?> weight = WeightOption();
        var backup = new Option<bool>("--backup") { Description = "It takes new sessions only while no other backend of the pool does." };
        Option<bool> json = CommonOptions.Json();
        var admin = new AdminOptions(context);
        var command = new Command(
            "add",
            """
            Add a backend to a pool at all nodes; it gets traffic once its probes say that it is up, and stays over reloads and restarts. For example: actorlb add web http://10.0.0.7:8080 --id web-7 --weight 2.
            """.Trim())
        {
            pool, address, id, weight, backup, json,
        };
        admin.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = admin.Connect(parsed);
            return Tell(
                context,
                await client.AddAsync(parsed.GetRequiredValue(pool), parsed.GetRequiredValue(address), parsed.GetValue(id), parsed.GetValue(weight), parsed.GetValue(backup), cancellation),
                parsed.GetValue(json));
        });
        return command;
    }

    public static Command Remove(CommandContext context)
    {
        Argument<string> backend = OperatorCommands.Backend();
        Option<string?> deadline = DrainCommand.Deadline();
        var now = new Option<bool>("--now") { Description = "Move its sessions at once; their WebSockets are closed." };
        Option<bool> json = CommonOptions.Json();
        var admin = new AdminOptions(context);
        var command = new Command(
            "remove",
            """
            Take a backend out of its pool at all nodes; it drains first, and stays out over reloads and restarts until it is added again or reset. For example: actorlb remove web/web-7 --deadline 5m. Where its server is to be stopped then: actorlb drain web/web-7 --wait && actorlb remove web/web-7.
            """.Trim())
        {
            backend, deadline, now, json,
        };
        admin.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(deadline) is not null && result.GetResult(now) is not null)
            {
                result.AddError("--deadline says how long sessions may stay, and --now that they may not: one of them.");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = admin.Connect(parsed);
            BackendName name = await BackendFinder.FindAsync(client, parsed.GetRequiredValue(backend), cancellation);
            return Tell(context, await client.RemoveAsync(name, parsed.GetValue(deadline), parsed.GetValue(now), cancellation), parsed.GetValue(json), parsed.GetValue(now));
        });
        return command;
    }

    public static Command Weight(CommandContext context)
    {
        Argument<string> backend = OperatorCommands.Backend();
        var weight = new Argument<int>("WEIGHT") { Description = $"Its share of new sessions: 1 to {BackendReader.WeightMax}." };
        weight.CustomParser = result => ReadWeight(result) ?? 0;
        Option<bool> json = CommonOptions.Json();
        var admin = new AdminOptions(context);
        var command = new Command(
            "weight",
            """
            Give a backend another share of new sessions at all nodes; sessions stay where they are. For example: actorlb weight web/web-7 4.
            """.Trim())
        {
            backend, weight, json,
        };
        admin.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = admin.Connect(parsed);
            BackendName name = await BackendFinder.FindAsync(client, parsed.GetRequiredValue(backend), cancellation);
            return Tell(context, await client.WeighAsync(name, parsed.GetRequiredValue(weight), cancellation), parsed.GetValue(json));
        });
        return command;
    }

    /// <summary>Says who does not go by a decision yet, or would forget it. Failed: there is somebody.</summary>
    internal static int TellConfirmation(
        CommandContext context, bool confirmed, string node, IReadOnlyList<string> notOnDisk, IReadOnlyList<string> notInForce)
    {
        if (notInForce.Count > 0)
        {
            context.Complain($"{string.Join(", ", notInForce)} did not say that {(notInForce.Count == 1 ? "it goes" : "they go")} by it, and may still do as before: ask again before you rely on it");
        }

        if (!confirmed)
        {
            context.Complain(notOnDisk.Count > 0
                ? $"it is not on disk at a majority of the nodes: {string.Join(", ", notOnDisk)} cannot write it, and try again every second; until then a restart may forget it"
                : $"only some nodes have it yet: {node} recorded it, and it spreads to the others when they can be reached");
        }

        return confirmed && notInForce.Count == 0 ? ExitCode.Good : ExitCode.Failed;
    }

    /// <param name="now">Its sessions were not to stay.</param>
    internal static string Sentence(BackendDocument decided, bool now = false)
    {
        string name = $"{decided.Pool}/{decided.Backend}";
        string there = string.Create(CultureInfo.InvariantCulture, $"{(decided.Address is null ? "" : $" at {decided.Address}")}{(decided.Weight is { } weight ? $" with weight {weight}" : "")}{(decided.Backup ? ", as a backup" : "")}");
        return decided switch
        {
            { Overlay: "removed", Unchanged: true } => $"{name} is removed already",
            { Overlay: "removed", NobodyElse: false } when now => $"{name} is removed; its sessions move at once, and its WebSockets are closed",
            { Overlay: "removed" } when now => $"{name} is removed; its sessions move as soon as another backend takes them",
            { Overlay: "removed", Deadline: { } until } => $"{name} is removed; its sessions have until {until.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}",
            { Overlay: "removed" } => $"{name} is removed; its sessions stay until they end",
            { Unchanged: true } => $"{name} is there already{there}",
            { Overlay: "none", Address: null } => $"nothing is decided about {name} any more; it is not written, and so not there",
            { Overlay: "none" } => $"{name} is as it is written{there}",
            _ => $"{name} is there{there}",
        };
    }

    private static int Tell(CommandContext context, BackendDocument decided, bool json, bool now = false)
    {
        if (json)
        {
            context.PrintJson(decided);
        }
        else
        {
            context.Out.WriteLine(Sentence(decided, now));
        }

        if (decided.NobodyElse)
        {
            context.Complain($"no other backend of {decided.Pool} takes new sessions: it drains on, and cannot be gone before one does; new clients get 503");
        }

        if (decided is { Overlay: not "removed", Operator: not "ready" })
        {
            context.Complain($"it is {decided.Operator} by an earlier decision, and gets nothing new before \"actorlb ready {decided.Pool}/{decided.Backend}\"");
        }

        return TellConfirmation(context, decided.Confirmed, decided.Node, decided.NotOnDisk, decided.NotInForce);
    }

    private static Option<int?> WeightOption() => new("--weight")
    {
        Description = $"Its share of new sessions: 1 to {BackendReader.WeightMax}; else 1.",
        HelpName = "N",
        CustomParser = ReadWeight,
    };

    private static int? ReadWeight(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int weight) && weight is >= 1 and <= BackendReader.WeightMax)
        {
            return weight;
        }

        result.AddError(text == "0"
            ? "0 is no weight: a backend that is to get nothing new is drained, and keeps its sessions meanwhile (actorlb drain)."
            : $"'{text}' is no weight: it is a whole number from 1 to {BackendReader.WeightMax}.");
        return null;
    }
}
