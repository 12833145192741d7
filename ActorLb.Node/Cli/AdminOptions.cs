using System.CommandLine;
using ActorLb.Engine.Certificates;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Cli;

/// <summary>Where the admin API is and what opens it: from the command line, else the environment, else the default.</summary>
internal sealed class AdminOptions
{
    public const string DefaultUrl = "http://127.0.0.1:8090";
    public const string UrlVariable = "ACTORLB_ADMIN";
    public const string TokenVariable = "ACTORLB_ADMIN_TOKEN";

    private readonly Option<Uri[]> _url;
    public const string RootsVariable = "ACTORLB_ADMIN_ROOTS";
    public const string CertificateVariable = "ACTORLB_ADMIN_CERTIFICATE";
    public const string KeyVariable = "ACTORLB_ADMIN_KEY";
    public const string KeyPasswordVariable = "ACTORLB_ADMIN_KEY_PASSWORD";

    private readonly Option<string?> _token;
    private readonly Option<string?> _roots;
    private readonly Option<string?> _certificate;
    private readonly Option<string?> _key;

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
        _roots = FileOption("--admin-roots", $"PEM file of the roots that are trusted of https://, and no others; else ${RootsVariable}, else those of the system.");
        _certificate = FileOption("--admin-certificate", $"PEM or PFX file with a certificate to show to the admin API; else ${CertificateVariable}.");
        _key = FileOption("--admin-key", $"PEM file with its key, where it is not in the same file; else ${KeyVariable}. ${KeyPasswordVariable} opens an encrypted one.");
        Context = context;
    }

    private CommandContext Context { get; }

    public void AddTo(Command command)
    {
        command.Add(_url);
        command.Add(_token);
        command.Add(_roots);
        command.Add(_certificate);
        command.Add(_key);
    }

    /// <exception cref="AdminException">A file cannot be used.</exception>
    public AdminClient Connect(ParseResult parsed) => new(
        parsed.GetRequiredValue(_url), Given(parsed, _token, TokenVariable), Context.Time, TlsOf(parsed));

    private BackendTls TlsOf(ParseResult parsed)
    {
        string certificate = Given(parsed, _certificate, CertificateVariable) ?? "";
        string key = Given(parsed, _key, KeyVariable) ?? "";
        if (certificate.Length == 0 && key.Length > 0)
        {
            throw new AdminException($"there is a key to show (--admin-key or ${KeyVariable}) and no certificate (--admin-certificate or ${CertificateVariable})");
        }

        try
        {
            return new BackendTls(
                new BackendTlsSettings(
                    Given(parsed, _roots, RootsVariable) ?? "",
                    "",
                    true,
                    certificate.Length == 0 ? null : new CertificateSettings(certificate, key, Context.Variable(KeyPasswordVariable) ?? "")),
                Context.Time);
        }
        catch (CertificateFileException e)
        {
            throw new AdminException(e.Message);
        }
    }

    private string? Given(ParseResult parsed, Option<string?> option, string variable) =>
        parsed.GetValue(option) ?? (Context.Variable(variable) is { Length: > 0 } set ? set : null);

    private static Option<string?> FileOption(string name, string description) => new(name) { Description = description, HelpName = "FILE" };

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
