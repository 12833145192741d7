using System.CommandLine;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary><c>route METHOD URL [-H FIELD] [-c FILE…]</c>: which route a request takes, and why.</summary>
internal static class RouteCommand
{
    public static Command Create(CommandContext context)
    {
        var method = new Argument<string>("METHOD") { Description = "The request's method, such as GET." };
        var url = new Argument<string>("URL") { Description = "Where it goes, such as http://shop.example.com/api." };
        var headers = new Option<string[]>("--header", "-H") { Description = "A header of the request, NAME: VALUE; more than once for several.", HelpName = "FIELD" };
        var listener = new Option<string?>("--listener") { Description = "By which listener it comes; without it, by the one with the URL's port.", HelpName = "NAME" };
        Option<string[]> files = CommonOptions.ConfigurationFiles(takesInput: true);
        files.Required = false;
        Option<bool> json = CommonOptions.Json();
        var admin = new AdminOptions(context);
        var command = new Command(
            "route",
            "Show which route a request takes, and why: at a node, or by files that none runs yet (-c). For example: actorlb route GET http://shop.example.com/api -H \"X-Beta: 1\" -c shop.conf")
        {
            method, url, headers, listener, files, json,
        };
        admin.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var question = new RouteQuestion(
                parsed.GetValue(method), parsed.GetValue(url), [.. (parsed.GetValue(headers) ?? []).Select(RouteQuestion.Field.Of)], parsed.GetValue(listener));
            if (question.Mistake is { } mistake)
            {
                context.Complain(mistake);
                return ExitCode.WrongUsage;
            }

            if (parsed.GetValue(files) is not { Length: > 0 } configuration)
            {
                using AdminClient client = admin.Connect(parsed);
                try
                {
                    return Tell(context, await client.RouteAsync(question, cancellation), parsed.GetValue(json));
                }
                catch (AdminException e) when (e.IsWrongUsage && question.Listener is not null)
                {
                    context.Complain(e.Message);
                    return ExitCode.WrongUsage;
                }
            }

            ConfigurationReading reading = context.LoadConfiguration(configuration);
            if (reading.Settings is not { } settings)
            {
                CheckCommand.Report(context, reading);
                return ExitCode.WrongUsage;
            }

            if (question.MistakeIn(settings.Topology) is { } unknown)
            {
                context.Complain(unknown);
                return ExitCode.WrongUsage;
            }

            return Tell(context, RouteDocument.Of(null, settings.Topology, question), parsed.GetValue(json));
        });
        return command;
    }

    private static int Tell(CommandContext context, RouteDocument answer, bool inJson)
    {
        if (inJson)
        {
            context.PrintJson(answer);
        }
        else if (answer.Route is null)
        {
            context.Out.WriteLine($"{answer.Method} {answer.Host}{answer.Path} takes no route: 404");
        }
        else
        {
            context.Out.WriteLine($"{answer.Method} {answer.Host}{answer.Path} {(answer.Route.Pool.Length == 0 ? "is answered" : $"goes to pool {answer.Route.Pool},")} by route {answer.Route.Place}");
            context.Out.WriteLine($"  {answer.Route.Written}");
            context.Out.WriteLine($"  {answer.Route.Why}");
        }

        if (!inJson)
        {
            Tell(context, answer.Next, "also fit, in this order:");
            Tell(context, answer.Unfit, "do not fit:");
        }

        return answer.Route is null ? ExitCode.Failed : ExitCode.Good;
    }

    private static void Tell(CommandContext context, IReadOnlyList<RouteDocument.Candidate> routes, string heading)
    {
        if (routes.Count == 0)
        {
            return;
        }

        context.Out.WriteLine(heading);
        foreach (RouteDocument.Candidate route in routes)
        {
            context.Out.WriteLine($"  {route.Place}: {route.Written}: {route.Why}");
        }
    }
}
