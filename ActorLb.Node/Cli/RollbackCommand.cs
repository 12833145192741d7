using System.CommandLine;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary><c>rollback N</c>: gives an earlier revision to the cluster once more, as a new one.</summary>
internal static class RollbackCommand
{
    public static Command Create(CommandContext context)
    {
        Argument<string> number = RevisionArgument.Required("N", "The revision, as history names it.");
        Option<bool> trial = ApplyCommand.Trial();
        Option<long?> ifRevision = ApplyCommand.IfRevision();
        Option<bool> json = CommonOptions.Json();
        var admin = new AdminOptions(context);
        var command = new Command(
            "rollback", "Give an earlier revision to the cluster once more, as a new one. For example: actorlb rollback 6") { number, trial, ifRevision, json };
        admin.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = admin.Connect(parsed);
            RevisionDocument document = await client.RollBackAsync(parsed.GetRequiredValue(number), parsed.GetValue(trial), parsed.GetValue(ifRevision), cancellation);
            return RevisionWords.Tell(context, document, parsed.GetValue(json));
        });
        return command;
    }
}
