using System.Globalization;
using System.Collections.Immutable;
using ActorLb.Node.Configuration.Hocon;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration;

/// <summary>Gathers all mistakes and warnings of one reading, each once.</summary>
internal sealed class ConfigurationFindings
{
    /// <summary>Mistakes, and warnings, that are told: nobody reads more, and whoever mends these sees the next.</summary>
    public const int ToldMax = 100;

    /// <summary>Those that are kept, so that the first of the files are among them; the others are counted.</summary>
    private const int KeptMax = 10 * ToldMax;

    private readonly List<ConfigurationMistake> _mistakes = [];
    private readonly List<ConfigurationWarning> _warnings = [];

    private readonly HashSet<(string Value, string Shown)> _hidden = [];
    private int _moreMistakes;
    private int _moreWarnings;

    public bool HasMistakes => _mistakes.Count > 0;

    /// <summary>What others are not to see of what was read.</summary>
    public HiddenValues Hidden => _hidden.Count == 0 ? HiddenValues.None : new([.. _hidden.OrderBy(h => h.Shown, StringComparer.Ordinal)]);

    /// <summary>Keys stand where nothing reads them: that what they say is missing elsewhere follows from it.</summary>
    public bool IsMisplaced { get; set; }

    public void Hide(string value, string shown)
    {
        if (value.Length > 0)
        {
            _hidden.Add((value, shown));
        }
    }

    /// <summary>An environment variable that the configuration asks for: from now on its value is hidden.</summary>
    public Func<string, string?> Hiding(Func<string, string?> variable) => name =>
    {
        string? value = variable(name);
        Hide(value ?? "", $"${{{name}}}");
        return value;
    };

    /// <summary>One more is only counted, and need not be found out.</summary>
    public bool IsFull => _mistakes.Count >= KeptMax;

    public void Mistake(HoconOrigin origin, string key, string problem, string expected)
    {
        if (IsFull)
        {
            _moreMistakes++;
        }
        else
        {
            _mistakes.Add(new ConfigurationMistake(origin, key, problem, expected));
        }
    }

    public void Warn(HoconOrigin origin, string key, string problem, string advice)
    {
        if (_warnings.Count >= KeptMax)
        {
            _moreWarnings++;
        }
        else
        {
            _warnings.Add(new ConfigurationWarning(origin, key, problem, advice));
        }
    }

    /// <param name="settings">Taken only where there is no mistake.</param>
    /// <param name="files">In the order in which findings are sorted.</param>
    public ConfigurationResult Result(NodeSettings? settings, IReadOnlyList<string> files)
    {
        Dictionary<string, int> order = files.Distinct().Select((f, i) => (f, i)).ToDictionary(f => f.f, f => f.i);
        return new ConfigurationResult(
            HasMistakes ? null : settings,
            First(
                Sorted(Written(files).DistinctBy(m => (m.Origin, m.Key, m.Problem)), m => m.Origin),
                _moreMistakes,
                (last, more) => new ConfigurationMistake(HoconOrigin.WholeFile(last.Origin.File), "", $"and {more} more mistakes", "those above mended first")),
            First(
                Sorted(_warnings.Distinct().Where(w => !_mistakes.Exists(m => IsAbout(m.Key, w.Key))), w => w.Origin),
                _moreWarnings,
                (last, more) => new ConfigurationWarning(HoconOrigin.WholeFile(last.Origin.File), "", $"and {more} more warnings", "look at those above first")))
        {
            Hidden = Hidden,
        };

        ImmutableArray<T> Sorted<T>(IEnumerable<T> findings, Func<T, HoconOrigin> origin) => findings
            .OrderBy(f => order.GetValueOrDefault(origin(f).File, -1))
            .ThenBy(f => origin(f).Line)
            .ThenBy(f => origin(f).Column)
            .ToImmutableArray();
    }

    private static ImmutableArray<T> First<T>(ImmutableArray<T> all, int uncounted, Func<T, string, T> more)
    {
        int left = Math.Max(0, all.Length - ToldMax) + uncounted;
        return left == 0 ? all : [.. all.Take(ToldMax), more(all[^1], left.ToString("N0", CultureInfo.InvariantCulture))];
    }

    // Nobody wrote reference.conf: what is wrong with its part is missing from the operator's own.
    private IEnumerable<ConfigurationMistake> Written(IReadOnlyList<string> files) => _mistakes
        .Where(m => !(IsMisplaced && IsOfReference(m)))
        .Select(m => IsOfReference(m) && files.Count > 0 ? m with { Origin = HoconOrigin.WholeFile(files[^1]) } : m);

    private static bool IsOfReference(ConfigurationMistake mistake) => mistake.Origin.File == ReferenceConfiguration.Name;

    private static bool IsAbout(string mistaken, string warned) =>
        mistaken.Length > 0
        && mistaken.StartsWith(warned, StringComparison.Ordinal)
        && (mistaken.Length == warned.Length || mistaken[warned.Length] is '.' or '[');

    public static string Line(HoconOrigin origin, string key, string problem, string last) =>
        key.Length == 0 ? $"{origin}: {problem}; {last}" : $"{origin}: {key}: {problem}; {last}";
}
