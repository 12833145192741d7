using ActorLb.Node.Configuration;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace ActorLb.Node.Topologies;

/// <summary>
/// What nodes of one cluster should have in common of what is in force, in parts that can be compared for themselves: each pool, each
/// backend, each listener, the tokens of the admin API, and the rest. Of what each may have for itself it holds whether it is set; nothing of it shows a secret or what
/// came from an environment. Pure.
/// </summary>
internal static class SharedParts
{
    /// <summary>Characters of a text: what is longer is told by its beginning, and compared as a whole.</summary>
    public const int TextMax = 300;

    /// <summary>No part has parts.</summary>
    public static ImmutableArray<SettingTree> Of(TopologyState state)
    {
        var parts = ImmutableArray.CreateBuilder<SettingTree>();
        Add(TopologyTree.Of(state.InForce));
        Add(AdminTokenTree.Of(state.Tokens));
        return parts.ToImmutable();

        void Add(SettingTree tree)
        {
            parts.Add(new SettingTree(
                Shown(tree.Key),
                Cut(Shown(tree.Summary)),
                [.. tree.Lines.Select(Line)],
                [.. tree.Lists.Where(l => l.Key != TopologyTree.ListenersKey).Select(l => l with { Items = [.. l.Items.Select(i => Cut(Shown(i)))] })],
                []));
            foreach (SettingTree part in tree.Parts)
            {
                Add(part);
            }
        }

        SettingLine Line(SettingLine line)
        {
            string text = TopologyFingerprint.Shared(line);

            // A number that a variable happens to hold, too, is no secret, and hidden at one node alone it would be a difference.
            string told = text.Length < HiddenValues.PartLengthMin ? text : Cut(Shown(text));
            string compared = line.IsSharedSecret ? text + line.Secret : told == text ? "" : text;
            return new SettingLine(line.Key, told) { Secret = compared.Length == 0 ? "" : Digest(compared).ToString("x8", System.Globalization.CultureInfo.InvariantCulture) };
        }

        string Shown(string text) => state.Layer.Hidden.In(text);
    }

    /// <summary>Which part it is, and what it says: equal where both are.</summary>
    public static ulong MarkOf(SettingTree part) => ((ulong)KeyOf(part) << 32) | Digest(string.Join(
        '\n', part.Lines.Select(l => $"{l.Key}={l.Text}\t{l.Secret}").Concat(part.Lists.Select(l => $"{l.Key}=[{string.Join(", ", l.Items)}]"))));

    /// <summary>Which part it is.</summary>
    public static uint KeyOf(SettingTree part) => Digest(part.Key);

    /// <summary>In which keys another node differs.</summary>
    /// <param name="own">All parts of this node.</param>
    /// <param name="others">Those of the other that are not as here.</param>
    /// <param name="missing">Parts of this node that the other does not have, by <see cref="KeyOf"/>.</param>
    public static ImmutableArray<SettingDifference> Between(ImmutableArray<SettingTree> own, ImmutableArray<SettingTree> others, IReadOnlySet<uint> missing)
    {
        Dictionary<string, SettingTree> mine = own.ToDictionary(p => p.Key);
        string[] added = [.. others.Select(p => p.Key).Where(k => !mine.ContainsKey(k))];
        string[] gone = [.. own.Where(p => missing.Contains(KeyOf(p))).Select(p => p.Key)];
        return
        [
            .. others.SelectMany(p => mine.TryGetValue(p.Key, out SettingTree? here) ? TopologyDifferences.Between(here, p)
                : IsWithin(p.Key, added) ? []
                : [new SettingDifference(p.Key, null, p.Summary)]),
            .. gone.Where(k => !IsWithin(k, gone)).Select(k => new SettingDifference(k, mine[k].Summary, null)),
        ];
    }

    // Of a pool that is missing as a whole its backends are not told.
    private static bool IsWithin(string key, string[] keys) => Array.Exists(keys, k => k.Length > 0 && k.Length < key.Length && key.StartsWith(k, StringComparison.Ordinal) && key[k.Length] == '.');

    private static string Cut(string text) => text.Length <= TextMax ? text : text[..TextMax] + "…";

    private static uint Digest(string text) => BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
