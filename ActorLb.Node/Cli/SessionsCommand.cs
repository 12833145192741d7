using System.CommandLine;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary><c>sessions [POOL] [--backend B]</c>, <c>sessions show|end|move COOKIE|ID</c>: what becomes of sessions, and one of them.</summary>
internal static class SessionsCommand
{
    public static Command Create(CommandContext context)
    {
        var pool = new Argument<string?>("POOL") { Description = "Of which pool; else of all.", Arity = ArgumentArity.ZeroOrOne };
        var backend = new Option<string?>("--backend") { Description = "Of which backend alone.", HelpName = "BACKEND" };
        Option<bool> json = CommonOptions.Json();
        Option<string?> form = CommonOptions.Form();
        var admin = new AdminOptions(context);
        var command = new Command(
            "sessions",
            """
            Show how many sessions live at each backend, and what became of sessions there in the last minute, over all nodes; or show, end or move one. For example: actorlb sessions web --backend web-1, or actorlb sessions show ALB=AbC….
            """.Trim())
        {
            pool, backend, json, form, Show(context), End(context), Move(context),
        };
        admin.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = admin.Connect(parsed);
            SessionsDocument sessions = await client.SessionsAsync(parsed.GetValue(pool), parsed.GetValue(backend), cancellation);
            if (parsed.GetValue(json))
            {
                context.PrintJson(sessions);
            }
            else
            {
                SessionTables.Print(sessions, context.Out, parsed.GetValue(form) is null ? context.Terminal.Width : int.MaxValue, context.Terminal.InColour);
            }

            if (sessions.NotCounted.Count > 0)
            {
                context.Complain($"{string.Join(", ", sessions.NotCounted)} did not say what became of sessions there: it is not in the counts of the last minute");
            }

            return ExitCode.Good;
        });
        return command;
    }

    private static Command Show(CommandContext context)
    {
        Argument<string> session = Session();
        Option<string?> pool = Pool();
        Option<bool> json = CommonOptions.Json();
        Option<string?> form = CommonOptions.Form();
        var admin = new AdminOptions(context);
        var command = new Command("show", "Show where a session lives, and which nodes know it. For example: actorlb sessions show - < cookie.txt") { session, pool, json, form };
        admin.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = admin.Connect(parsed);
            SessionDocument shown = await client.SessionAsync(await ReadAsync(context, parsed.GetRequiredValue(session)), parsed.GetValue(pool), cancellation);
            if (parsed.GetValue(json))
            {
                context.PrintJson(shown);
            }
            else
            {
                SessionTables.Print(shown, context.Out, parsed.GetValue(form) is null ? context.Terminal.Width : int.MaxValue, context.Terminal.InColour);
            }

            return ExitCode.Good;
        });
        return command;
    }

    private static Command End(CommandContext context)
    {
        Argument<string> session = Session();
        Option<string?> pool = Pool();
        Option<bool> json = CommonOptions.Json();
        var admin = new AdminOptions(context);
        var command = new Command(
            "end",
            "Have all nodes forget a session: its cookie counts as none, its WebSockets are closed, and its client begins another one. For example: actorlb sessions end 3f0c…")
        {
            session, pool, json,
        };
        admin.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = admin.Connect(parsed);
            return Tell(
                context,
                await client.EndSessionAsync(await ReadAsync(context, parsed.GetRequiredValue(session)), parsed.GetValue(pool), cancellation),
                parsed.GetValue(json));
        });
        return command;
    }

    private static Command Move(CommandContext context)
    {
        Argument<string> session = Session();
        var to = new Option<string?>("--to") { Description = "The backend; else the pool chooses another one.", HelpName = "BACKEND" };
        Option<string?> pool = Pool();
        Option<bool> json = CommonOptions.Json();
        var admin = new AdminOptions(context);
        var command = new Command(
            "move",
            "Move a session to another backend, once and at all nodes; its WebSockets are closed and come back there. For example: actorlb sessions move 3f0c… --to web-2")
        {
            session, to, pool, json,
        };
        admin.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using AdminClient client = admin.Connect(parsed);
            string named = await ReadAsync(context, parsed.GetRequiredValue(session));
            string? target = parsed.GetValue(to);
            string? of = parsed.GetValue(pool);
            if (target?.IndexOf('/') is { } slash and > 0 && (of ?? target[..slash]) == target[..slash])
            {
                (of, target) = (target[..slash], target[(slash + 1)..]);
            }

            // Whoever asks a second node because the first was silent must not move it a second time.
            string? from = target is null ? (await client.SessionAsync(named, of, cancellation)).Backend : null;
            return Tell(context, await client.MoveSessionAsync(named, of, target, from, cancellation), parsed.GetValue(json));
        });
        return command;
    }

    private static Argument<string> Session() => new("COOKIE|ID")
    {
        Description = "The cookie as its client has it (the value, or name=value), or the id that show prints; - reads it from the standard input, where other users of this machine cannot see it.",
    };

    private static Option<string?> Pool() => new("--pool") { Description = "Of which pool; needed where no node knows the id.", HelpName = "POOL" };

    private static async Task<string> ReadAsync(CommandContext context, string session)
    {
        if (session != "-")
        {
            return session;
        }

        using var input = new StreamReader(context.OpenInput());
        return (await input.ReadLineAsync() ?? "").Trim();
    }

    private static int Tell(CommandContext context, SessionDecisionDocument decided, bool json)
    {
        if (json)
        {
            context.PrintJson(decided);
        }
        else
        {
            context.Out.WriteLine(SessionTables.Sentence(decided));
        }

        return BackendCommands.TellConfirmation(context, decided.Confirmed, decided.Node, decided.NotOnDisk, decided.NotInForce);
    }
}
