using System.Collections.Frozen;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Node.Configuration.Hocon;
using ActorLb.Node.Configuration.Sections;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Loading;

/// <summary>
/// Reads a node's configuration: layers the files over reference.conf, resolves <c>${…}</c>, and either gives typed
/// settings or every mistake at once. Never throws for what an operator wrote.
/// </summary>
internal static class ConfigurationLoader
{
    internal const string RootKey = "actorlb";

    private static readonly FrozenSet<string> Sections =
        HoconParser.Parse(ReferenceConfiguration.Name, ReferenceConfiguration.Text).Members
            .Single(m => m.Key == RootKey).Value is HoconObject actorlb
            ? actorlb.Members.Select(m => m.Key).ToFrozenSet()
            : [];

    /// <param name="files">Later ones lie over earlier ones, all of them over reference.conf.</param>
    /// <param name="environment">This process's where it is left out.</param>
    /// <param name="input">Opens standard input, where that may be one of the files, as "-"; null: it may not.</param>
    public static ConfigurationResult Load(IReadOnlyList<string> files, ConfigurationEnvironment? environment = null, Func<Stream>? input = null)
    {
        var findings = new ConfigurationFindings();
        ConfigurationText?[] layers = [.. files.Select(f => ConfigurationText.OfFile(f, findings, input))];
        ConfigurationResult result = Load([.. layers.OfType<ConfigurationText>()], environment, findings);
        return result.Settings is { } settings ? result with { Settings = settings with { Files = [.. files] } } : result;
    }

    /// <summary>The same for one layer that is no file.</summary>
    /// <param name="name">What mistakes show in place of a file's path.</param>
    public static ConfigurationResult FromText(string name, string hocon, ConfigurationEnvironment? environment = null) =>
        FromTexts([new ConfigurationText(name, hocon)], environment);

    /// <summary>The same for layers that are no files.</summary>
    public static ConfigurationResult FromTexts(
        IReadOnlyList<ConfigurationText> layers, ConfigurationEnvironment? environment = null) =>
        Load(layers, environment, new ConfigurationFindings());

    private static ConfigurationResult Load(
        IReadOnlyList<ConfigurationText> layers, ConfigurationEnvironment? environment, ConfigurationFindings findings)
    {
        try
        {
            return Read(layers, environment, findings);
        }
        catch (HoconSyntaxException e)
        {
            // Of several files together, or of what they refer to.
            findings.Mistake(e.Origin, "", e.Message, e.Expected);
            return findings.Result(null, [.. layers.Select(l => l.Name)]);
        }
    }

    private static ConfigurationResult Read(
        IReadOnlyList<ConfigurationText> layers, ConfigurationEnvironment? environment, ConfigurationFindings findings)
    {
        string[] names = [.. layers.Select(l => l.Name)];
        HoconObject root = HoconParser.Parse(ReferenceConfiguration.Name, ReferenceConfiguration.Text);
        bool isOurs = false;
        var written = new HoconObject(root.Origin);
        foreach (ConfigurationText layer in layers)
        {
            if (Parse(layer, findings) is { } parsed)
            {
                isOurs |= IsOurs(parsed);
                root = HoconLayering.Over(root, parsed);
                written = HoconLayering.Over(written, parsed);
            }
        }

        // What is missing then is everything, and would be said of defaults that nobody wrote.
        if (!isOurs && !findings.HasMistakes && layers.Count > 0)
        {
            ComplainOfForeign(layers, findings);
        }

        // A file that is missing or broken would make the others look wrong too.
        if (findings.HasMistakes)
        {
            return findings.Result(null, names);
        }

        (NodeSettings settings, ConfigurationCursor places) = Read(root, environment ?? ConfigurationEnvironment.OfProcess, findings);
        return findings.Result(settings with { Written = TopologyLoader.DynamicText(written) }, names) with
        {
            PlaceOf = key => places.Nearest(key) is var place && place.Origin.File == ReferenceConfiguration.Name && names.Length > 0
                ? (HoconOrigin.WholeFile(names[^1]), $"{RootKey}.{key}")
                : (place.Origin, place.Path),
        };
    }

    internal static HoconObject? Parse(ConfigurationText layer, ConfigurationFindings findings)
    {
        try
        {
            return HoconParser.Parse(layer.Name, layer.Hocon, (earlier, later) => findings.Warn(
                later.Origin, "", $"'{later.Key}' replaces what line {earlier.Origin.Line} of the same file says", "write each key once"));
        }
        catch (HoconSyntaxException e)
        {
            if (ForeignFormat.Of(layer.Hocon) is { } foreign)
            {
                findings.Mistake(HoconOrigin.WholeFile(layer.Name), "", $"this is {foreign}", ForeignFormat.ExpectedInstead);
            }
            else
            {
                findings.Mistake(e.Origin, "", e.Message, e.Expected);
            }

            return null;
        }
    }

    // Any of our keys, also where it stands outside of actorlb: that is a mistake of its own.
    internal static bool IsOurs(HoconObject parsed) =>
        parsed.Members.Any(m => m.Key == RootKey || Sections.Contains(m.Key) || NearestName.Of(m.Key, [RootKey]) is not null);

    internal static void ComplainOfForeign(IReadOnlyList<ConfigurationText> layers, ConfigurationFindings findings)
    {
        foreach (ConfigurationText layer in layers)
        {
            string? foreign = ForeignFormat.Of(layer.Hocon);
            string problem = string.IsNullOrWhiteSpace(layer.Hocon) ? "this file is empty"
                : foreign is not null ? $"this is {foreign}"
                : $"there is no {RootKey} {{ … }} in it";
            findings.Mistake(
                HoconOrigin.WholeFile(layer.Name), "", problem, foreign is null ? ForeignFormat.Expected : ForeignFormat.ExpectedInstead);
        }
    }

    private static (NodeSettings Settings, ConfigurationCursor Places) Read(HoconObject root, ConfigurationEnvironment environment, ConfigurationFindings findings)
    {
        var resolver = new HoconResolver(
            root, findings.Hiding(environment.Variable), (origin, problem, expected) => findings.Mistake(origin, "", problem, expected));
        HoconObject resolved = resolver.Resolve();
        ConfigurationCursor cursor = ConfigurationCursor.Root(resolved, RootKey, findings);
        NodeSettings settings = NodeReader.Read(cursor, environment);
        cursor.RefuseUnknownKeys();
        RefuseStrayKeys(resolved, cursor, resolver, findings);
        return (settings, cursor);
    }

    // Beside actorlb, a file may define values of its own for ${…} to refer to.
    internal static void RefuseStrayKeys(
        HoconObject root, ConfigurationCursor actorlb, HoconResolver resolver, ConfigurationFindings findings)
    {
        foreach (HoconMember stray in root.Members.Where(m => m.Key != RootKey && !resolver.Referred(m.Key)))
        {
            if (actorlb.Knows(stray.Key))
            {
                findings.IsMisplaced = true;
                findings.Mistake(stray.Origin, stray.Key, "this stands outside of actorlb", $"'{RootKey}.{stray.Key}'");
            }
            else if (NearestName.Of(stray.Key, [RootKey]) is { } nearest)
            {
                findings.IsMisplaced = true;
                findings.Mistake(stray.Origin, stray.Key, "unknown key", $"'{nearest}'");
            }
            else
            {
                findings.Warn(stray.Origin, stray.Key, "nothing reads this and no ${…} refers to it", $"all settings are in {RootKey} {{ … }}");
            }
        }
    }
}
