using ActorLb.Node.Revisions;
using System.CommandLine;
using System.Globalization;
using System.Text;
using ActorLb.Node.Admin;
using ActorLb.Node.Configuration;

namespace ActorLb.Node.Cli;

/// <summary><c>apply -c FILE… [--dry-run] [--release]</c>: gives a topology to the cluster.</summary>
internal static class ApplyCommand
{
    public static Command Create(CommandContext context)
    {
        Option<string[]> files = CommonOptions.ConfigurationFiles(takesInput: true);
        files.Required = false;
        Option<bool> trial = Trial();
        var release = new Option<bool>("--release") { Description = "The files of the nodes have their say again; without -c." };
        Option<long?> ifRevision = IfRevision();
        Option<bool> json = CommonOptions.Json();
        var admin = new AdminOptions(context);
        var command = new Command(
            "apply",
            "Give a topology to the cluster: every node that can be reached proves that it could run it, then all go over to it. For example: actorlb apply -c shop.conf --dry-run && actorlb apply -c shop.conf")
        {
            files, trial, release, ifRevision, json,
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
            RevisionDocument document = await client.ApplyAsync(text, parsed.GetValue(trial), parsed.GetValue(ifRevision), cancellation);
            return RevisionWords.Tell(context, document, parsed.GetValue(json), isRelease: text is null);
        });
        return command;
    }

    internal static Option<bool> Trial() => new("--dry-run") { Description = "Change nothing; say what would change, and which node could not run it." };

    internal static Option<long?> IfRevision() => new("--if-revision")
    {
        Description = "Only if that is the revision that counts, as history shows it; 0: if none was ever given. Else nothing changes, and the exit code is 1.",
        HelpName = "N",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            {
                return number;
            }

            result.AddError($"--if-revision: '{text}' is no revision: it is a number, as history shows it.");
            return null;
        },
    };

    // Null where one cannot be read, which was told then.
    private static string? Read(CommandContext context, string[] files)
    {
        var read = new List<ConfigurationText>();
        foreach (string file in files)
        {
            try
            {
                if (file == ConfigurationText.Input)
                {
                    using Stream input = context.OpenInput();
                    read.Add(ConfigurationText.Read(input));
                    continue;
                }

                read.Add(new ConfigurationText(file, ConfigurationText.Read(file)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or DecoderFallbackException or ArgumentException)
            {
                context.Error.WriteLine($"error: {file}: {(e is DecoderFallbackException ? "this is no UTF-8 text" : StartFailure.Reason(e))}");
            }
        }

        if (read.Count < files.Length)
        {
            return null;
        }

        string text = TopologyParts.Join(read);
        if (Encoding.UTF8.GetByteCount(text) <= Revision.TextMax)
        {
            return text;
        }

        context.Error.WriteLine($"error: {string.Join(", ", files)}: larger than {Revision.TextMax} bytes together, which a revision may have at most");
        return null;
    }
}
