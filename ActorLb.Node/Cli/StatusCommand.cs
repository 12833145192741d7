using System.CommandLine;
using System.Text.Json;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary><c>status</c>: the cluster as one node sees it, as tables or as JSON.</summary>
public static class StatusCommand
{
    public static Command Create(CommandContext context)
    {
        var admin = new AdminOptions(context);
        Option<bool> json = CommonOptions.Json();
        var command = new Command("status", "Show nodes, pools, backends and sessions.") { json };
        admin.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = admin.Connect(parsed);
            StatusDocument status = await client.StatusAsync(cancellation);
            if (parsed.GetValue(json))
            {
                context.Out.WriteLine(JsonSerializer.Serialize(status, AdminJson.Indented));
            }
            else
            {
                StatusTables.Print(status, context.Out, context.Time.GetUtcNow());
            }

            return ExitCode.Good;
        });
        return command;
    }
}
