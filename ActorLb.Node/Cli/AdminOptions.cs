using System.CommandLine;

namespace ActorLb.Node.Cli;

/// <summary>Where the admin API is and what opens it: from the command line, else the environment, else the default.</summary>
internal sealed class AdminOptions
{
    public const string DefaultUrl = "http://127.0.0.1:8090";
    public const string UrlVariable = "ACTORLB_ADMIN";
    public const string TokenVariable = "ACTORLB_ADMIN_TOKEN";

    private readonly Option<Uri[]> _url;
    private readonly Option<string?> _token;

    public AdminOptions(CommandContext context)
    {
        _url = new Option<Uri[]>("--admin")
        {
            Description = $"Any node's admin API, or several, of which the first that answers is asked: URL,URL or --admin again; else ${UrlVariable}.",
            HelpName = "URL",
            Arity = ArgumentArity.OneOrMore,
            DefaultValueFactory = result => Read(
                [context.Variable(UrlVariable) is { Length: > 0 } set ? set : DefaultUrl], UrlVariable, result.AddError)!,
            CustomParser = result => Read(result.Tokens.Select(t => t.Value), "--admin", result.AddError),
        };
        _token = new Option<string?>("--token")
        {
            Description = $"The admin API's token; else ${TokenVariable}.",
            HelpName = "TOKEN",
        };
        Context = context;
    }

    private CommandContext Context { get; }

    public void AddTo(Command command)
    {
        command.Add(_url);
        command.Add(_token);
    }

    public AdminClient Connect(ParseResult parsed) => new(
        parsed.GetRequiredValue(_url),
        parsed.GetValue(_token) ?? (Context.Variable(TokenVariable) is { Length: > 0 } set ? set : null),
        Context.Time);

    private static Uri[]? Read(IEnumerable<string> texts, string source, Action<string> addError)
    {
        var urls = new List<Uri>();
        foreach (string text in texts.SelectMany(t => t.Split(',', StringSplitOptions.TrimEntries)))
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
            {
                addError($"{source}: '{text}' is no URL such as {DefaultUrl}.");
                return null;
            }

            urls.Add(url);
        }

        return [.. urls];
    }
}
