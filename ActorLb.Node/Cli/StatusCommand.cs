using System.CommandLine;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary><c>status</c>: the cluster as one node sees it, as tables or as JSON.</summary>
internal static class StatusCommand
{
    public static Command Create(CommandContext context)
    {
        var admin = new AdminOptions(context);
        Option<bool> json = CommonOptions.Json();
        Option<string?> form = CommonOptions.Form();
        var command = new Command(
            "status",
            """
            Show nodes, pools, backends and sessions, as one node sees them: the state that probes found, what the operator decided and how long a drain still has, the sessions that live at each backend, those that would move if they came now, and what all nodes have open there. As wide as the terminal; what has no room is below its row, or named as left out. For example: actorlb status --admin http://10.0.0.1:8090 -o wide
            """.Trim())
        {
            json, form,
        };
        admin.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = admin.Connect(parsed);
            StatusDocument status = await client.StatusAsync(cancellation);
            if (parsed.GetValue(json))
            {
                context.PrintJson(status);
            }
            else
            {
                // A node of an earlier version does not say what time it is.
                status = status.Time == default ? status with { Time = context.Time.GetUtcNow() } : status;
                StatusTables.Print(status, context.Out, parsed.GetValue(form) is null ? context.Terminal.Width : int.MaxValue, context.Terminal.InColour);
            }

            return ExitCode.Good;
        });
        return command;
    }
}
