using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace ActorLb.Engine.Certificates;

/// <summary>
/// Which of several a client means by the server name in its hello (RFC 6066, 3): the one that bears the name, then the one that bears
/// it with "*" for its first label (RFC 9525, 6.3), then the first of all. Of several that bear a name, the first has it. Immutable.
/// </summary>
internal sealed class ServerNames<T>
    where T : class
{
    private static readonly IdnMapping Idn = new();

    private readonly T _first;
    private readonly FrozenDictionary<string, T> _exact;

    // By what follows the asterisk, with its dot.
    private readonly FrozenDictionary<string, T> _wildcards;

    /// <param name="all">In the order in which they are listed, with the names that they bear; one at least.</param>
    public ServerNames(IReadOnlyList<(T It, IReadOnlyList<string> Names)> all)
    {
        var exact = new Dictionary<string, T>(StringComparer.OrdinalIgnoreCase);
        var wildcards = new Dictionary<string, T>(StringComparer.OrdinalIgnoreCase);
        foreach ((T it, IReadOnlyList<string> names) in all)
        {
            foreach (string name in names)
            {
                // An asterisk elsewhere than for a whole first label means nothing.
                if (!name.Contains('*', StringComparison.Ordinal))
                {
                    exact.TryAdd(name, it);
                }
                else if (name.StartsWith("*.", StringComparison.Ordinal) && name.LastIndexOf('*') == 0)
                {
                    wildcards.TryAdd(name[1..], it);
                }
            }
        }

        _first = all[0].It;
        _exact = exact.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _wildcards = wildcards.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    /// <param name="asked">As TLS hands it over, where labels of other scripts stand in that script; null or empty: no name was said.</param>
    public T Of(string? asked)
    {
        if (string.IsNullOrEmpty(asked) || AsciiOf(asked) is not { } name)
        {
            return _first;
        }

        int dot = name.IndexOf('.', StringComparison.Ordinal);
        return _exact.TryGetValue(name, out T? found) || (dot > 0 && _wildcards.TryGetValue(name[dot..], out found)) ? found : _first;
    }

    private static string? AsciiOf(string name)
    {
        if (Ascii.IsValid(name))
        {
            return name.TrimEnd('.');
        }

        try
        {
            return Idn.GetAscii(name).TrimEnd('.');
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
