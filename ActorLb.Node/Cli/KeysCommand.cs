using System.CommandLine;
using ActorLb.Node.Admin;
using ActorLb.Node.Configuration.Formats;

namespace ActorLb.Node.Cli;

/// <summary><c>keys list|rotate|secret</c>: the keys that sign tickets, and the secret by which nodes know each other.</summary>
internal static class KeysCommand
{
    public static Command Create(CommandContext context) =>
        new("keys", "Show or rotate the keys that sign session cookies; make a secret for the cluster. For example: actorlb keys list")
        {
            List(context), Rotate(context), Secret(context),
        };

    private static Command List(CommandContext context)
    {
        var admin = new AdminOptions(context);
        Option<bool> json = CommonOptions.Json();
        Option<string?> form = CommonOptions.Form();
        var command = new Command("list", "Show the keys without their secrets, and how far a rotation is. For example: actorlb keys list -o wide") { json, form };
        admin.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = admin.Connect(parsed);
            KeysDocument keys = await client.KeysAsync(cancellation);
            if (parsed.GetValue(json))
            {
                context.PrintJson(keys);
            }
            else
            {
                KeyTables.Print(keys, context.Out, parsed.GetValue(form) is null ? context.Terminal.Width : int.MaxValue, context.Terminal.InColour);
            }

            return ExitCode.Good;
        });
        return command;
    }

    private static Command Rotate(CommandContext context)
    {
        var without = new Option<string[]>("--without")
        {
            Description = "A lost node that does not come back: do not wait for it. May be repeated.",
            HelpName = "NODE",
        };
        var admin = new AdminOptions(context);
        Option<bool> json = CommonOptions.Json();
        var command = new Command("rotate", "Sign session cookies with a new key. Sessions go on. For example: actorlb keys rotate, or actorlb keys rotate --without lb3") { without, json };
        admin.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = admin.Connect(parsed);
            RotationDocument rotation = await client.RotateKeysAsync(parsed.GetValue(without) ?? [], cancellation);
            if (parsed.GetValue(json))
            {
                context.PrintJson(rotation);
            }
            else if (rotation.Confirmed)
            {
                WrappedText.Write(
                    context.Out,
                    $"key {rotation.Key} signs on all nodes; the keys before it are honoured until their tickets are too old",
                    context.Terminal.Width);
            }

            if (rotation.Confirmed)
            {
                return ExitCode.Good;
            }

            context.Complain($"key {rotation.Key} is not in use on all nodes yet and goes on spreading by itself");
            WrappedText.Write(context.Error, $"it waits for {KeyTables.Waits(rotation.Rotation)}", context.Terminal.Width);
            return ExitCode.Failed;
        });
        return command;
    }

    private static Command Secret(CommandContext context)
    {
        var command = new Command("secret", "Print a new secret for cluster.secret-file or cluster.secrets. No node needs to run. For example: actorlb keys secret > cluster.key");
        command.SetAction(_ =>
        {
            context.Out.WriteLine(SecretText.New());
            return ExitCode.Good;
        });
        return command;
    }
}
