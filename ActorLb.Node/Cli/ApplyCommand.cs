using System.CommandLine;
using System.Text;
using ActorLb.Node.Admin;
using ActorLb.Node.Configuration;

namespace ActorLb.Node.Cli;

/// <summary><c>apply -c FILE… [--dry-run] [--release]</c>: gives a topology to the cluster.</summary>
internal static class ApplyCommand
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static Command Create(CommandContext context)
    {
        Option<string[]> files = CommonOptions.ConfigurationFiles();
        files.Required = false;
        Option<bool> trial = Trial();
        var release = new Option<bool>("--release") { Description = "The files of the nodes have their say again; without -c." };
        Option<bool> json = CommonOptions.Json();
        var admin = new AdminOptions(context);
        var command = new Command(
            "apply",
            "Give a topology to the cluster: every node that can be reached proves that it could run it, then all go over to it. For example: actorlb apply -c shop.conf --dry-run && actorlb apply -c shop.conf")
        {
            files, trial, release, json,
        };
        admin.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(files) is null == result.GetResult(release) is null)
            {
                result.AddError("Give either files (-c) or --release.");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            string? text = null;
            if (!parsed.GetValue(release) && (text = Read(context, parsed.GetValue(files)!)) is null)
            {
                return ExitCode.WrongUsage;
            }

            using AdminClient client = admin.Connect(parsed);
            return RevisionWords.Tell(context, await client.ApplyAsync(text, parsed.GetValue(trial), cancellation), parsed.GetValue(json));
        });
        return command;
    }

    internal static Option<bool> Trial() => new("--dry-run") { Description = "Change nothing; say what would change, and which node could not run it." };

    // Null where one cannot be read, which was told then.
    private static string? Read(CommandContext context, string[] files)
    {
        var read = new List<ConfigurationText>();
        foreach (string file in files)
        {
            try
            {
                read.Add(new ConfigurationText(file, File.ReadAllText(file, Strict)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or DecoderFallbackException or ArgumentException)
            {
                context.Error.WriteLine($"error: {file}: {(e is DecoderFallbackException ? "this is no UTF-8 text" : StartFailure.Reason(e))}");
            }
        }

        return read.Count == files.Length ? TopologyParts.Join(read) : null;
    }
}
