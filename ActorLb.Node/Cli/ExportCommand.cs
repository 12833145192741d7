using System.CommandLine;
using System.Text.Json;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary><c>export</c>: what is in force, as one file.</summary>
internal static class ExportCommand
{
    public static Command Create(CommandContext context)
    {
        Option<bool> json = CommonOptions.Json();
        var admin = new AdminOptions(context);
        var command = new Command(
            "export",
            "Print the topology in force as one file. A place holder stands for each secret, and apply keeps what is stored for it. For example: actorlb export > shop.conf")
        {
            json,
        };
        admin.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = admin.Connect(parsed);
            context.Out.Write(parsed.GetValue(json)
                ? JsonSerializer.Serialize(await client.ExportDocumentAsync(cancellation), AdminJson.Indented) + "\n"
                : await client.ExportAsync(cancellation));
            return ExitCode.Good;
        });
        return command;
    }
}
