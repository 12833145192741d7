using System.Collections.Immutable;
using System.Globalization;
using ActorLb.Node.Configuration.Formats;

namespace ActorLb.Node.Topologies;

/// <summary>Writes settings down by their keys. A builder for a deeper key writes into the same part.</summary>
internal sealed class SettingTreeBuilder
{
    /// <summary>Stands for a secret wherever settings are shown.</summary>
    public const string SecretText = "(secret)";

    private readonly string _key;
    private readonly string _part;
    private readonly ImmutableArray<SettingLine>.Builder _lines;
    private readonly ImmutableArray<SettingList>.Builder _lists;
    private readonly ImmutableArray<SettingTree>.Builder _parts;

    public SettingTreeBuilder(string key = "")
        : this(key, key, ImmutableArray.CreateBuilder<SettingLine>(), ImmutableArray.CreateBuilder<SettingList>(), ImmutableArray.CreateBuilder<SettingTree>())
    {
    }

    private SettingTreeBuilder(
        string key,
        string part,
        ImmutableArray<SettingLine>.Builder lines,
        ImmutableArray<SettingList>.Builder lists,
        ImmutableArray<SettingTree>.Builder parts)
    {
        _key = key;
        _part = part;
        _lines = lines;
        _lists = lists;
        _parts = parts;
    }

    public SettingTreeBuilder this[string name] => new(Below(name), _part, _lines, _lists, _parts);

    /// <param name="name">What the operator called it; quoted where HOCON asks for it.</param>
    public SettingTreeBuilder Part(string name) => new(Below(Quoted(name)));

    public void Text(string name, string value) => Add(name, Quote(value));

    public void Number(string name, long value) => Add(name, value.ToString(CultureInfo.InvariantCulture));

    public void Bytes(string name, long value) => Add(name, ByteSizes.Write(value));

    public void Span(string name, TimeSpan value) => Add(name, Durations.Write(value));

    public void Switch(string name, bool value) => Add(name, value ? "on" : "off");

    /// <summary>try-all for TryAll.</summary>
    public void Word<T>(string name, T value)
        where T : struct, Enum => Add(name, Word(value));

    public void List(string name, IEnumerable<string> values) => Add(name, $"[{string.Join(", ", values)}]");

    public void Add(string name, string text) => _lines.Add(new SettingLine(Below(name), text));

    /// <summary>Something in which nodes of one cluster may well differ.</summary>
    public void OfTheNode(string name, string text) => _lines.Add(new SettingLine(Below(name), text) { IsOfTheNode = true });

    /// <summary>Something whose place is shown, and that it is another one; never what it is.</summary>
    public void Secret(string name, string secret) => Secret(name, secret.Length == 0 ? "\"\"" : SecretText, secret);

    /// <param name="shown">What may be known of it.</param>
    public void Secret(string name, string shown, string secret) => _lines.Add(new SettingLine(Below(name), shown) { Secret = secret });

    /// <summary>The same of a secret that all nodes should have.</summary>
    public void SharedSecret(string name, string shown, string secret) => _lines.Add(new SettingLine(Below(name), shown) { Secret = secret, IsSharedSecret = true });

    /// <summary>Whose items are what they say.</summary>
    public void Sequence(string name, IEnumerable<string> items) => _lists.Add(new SettingList(Below(name), [.. items], IsOrder: false));

    /// <summary>The order of parts that are written for themselves.</summary>
    public void Order(string name, IEnumerable<string> names) => _lists.Add(new SettingList(Below(name), [.. names], IsOrder: true));

    public void Add(SettingTree part) => _parts.Add(part);

    /// <param name="summary">Null: its own lines.</param>
    public SettingTree Build(string? summary = null) => new(
        _part,
        summary ?? $"{{ {string.Join(", ", _lines.Select(l => $"{l.Key[(_part.Length + 1)..]} = {l.Text}"))} }}",
        _lines.ToImmutable(),
        _lists.ToImmutable(),
        _parts.ToImmutable());

    public static string Quote(string text) =>
        "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    public static string Word<T>(T value)
        where T : struct, Enum => value.ToString() is "IPv4" or "IPv6" ? value.ToString().ToLowerInvariant()
            : string.Concat(value.ToString().Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));

    public static string Quoted(string name) => name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? name : Quote(name);

    private string Below(string name) => _key.Length == 0 ? name : $"{_key}.{name}";
}
