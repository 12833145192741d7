using System.CommandLine;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary><c>reset [POOL[/BACKEND]]</c>: what operators decided at run time is not any more.</summary>
internal static class ResetCommand
{
    public static Command Create(CommandContext context)
    {
        var what = new Argument<string?>("POOL[/BACKEND]") { Description = "Of which pool or backend; else of all.", Arity = ArgumentArity.ZeroOrOne };
        what.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && (text.StartsWith('/') || text.EndsWith('/') || text.Length == 0))
            {
                result.AddError($"'{text}' is no POOL or POOL/BACKEND, such as web or web/web-1.");
            }
        });
        Option<bool> json = CommonOptions.Json();
        var admin = new AdminOptions(context);
        var command = new Command(
            "reset",
            """
            Drop what operators decided at run time (add, remove, weight, drain, maintenance), so that what is written counts; what was added drains first. actorlb diff shows what that is. For example: actorlb reset web.
            """.Trim())
        {
            what, json,
        };
        admin.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = admin.Connect(parsed);
            string? text = parsed.GetValue(what);
            int slash = text?.IndexOf('/') ?? -1;
            ResetDocument reset = await client.ResetAsync(slash < 0 ? text : text![..slash], slash < 0 ? null : text![(slash + 1)..], cancellation);
            if (parsed.GetValue(json))
            {
                context.PrintJson(reset);
            }
            else if (reset.Backends.Count + reset.Ready.Count == 0)
            {
                context.Out.WriteLine("there was nothing to reset");
            }
            else
            {
                foreach (BackendDocument backend in reset.Backends)
                {
                    context.Out.WriteLine(BackendCommands.Sentence(backend));
                }

                foreach (string ready in reset.Ready)
                {
                    context.Out.WriteLine($"{ready} is ready");
                }
            }

            return BackendCommands.TellConfirmation(context, reset.Confirmed, "it", reset.NotOnDisk, reset.NotInForce);
        });
        return command;
    }
}
