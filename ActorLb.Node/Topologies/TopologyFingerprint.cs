using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Topologies;

/// <summary>
/// Tells whether two nodes go by the same topology and take the same tokens, without either seeing the other's. Of what nodes of one cluster may differ in
/// (addresses of listeners, paths of files, the machine's memory) and of the topology's secrets it holds only whether they are set; of
/// a token its name, its role and its digest: one that was revoked here and not there must be seen. It is shown to whoever may read status.
/// </summary>
internal static class TopologyFingerprint
{
    /// <summary>32 bits of a digest: nodes that differ are found, nothing is protected by it.</summary>
    /// <param name="tokens">Of the admin API.</param>
    public static uint Of(Topology topology, EquatableArray<AdminToken> tokens = default)
    {
        SettingTree tree = TopologyTree.Of(topology);
        IEnumerable<string> lines = tree.AllLines.Select(l => $"{l.Key} = {Shared(l)}")
            .Concat(AdminTokenTree.Of(tokens).Lines.Select(l => $"{l.Key} = {Shared(l)} {l.Secret}"));
        IEnumerable<string> lists = tree.AllLists
            .Where(l => l.Key != TopologyTree.ListenersKey)
            .Select(l => $"{l.Key} = {string.Join(", ", l.Items)}");
        return BinaryPrimitives.ReadUInt32BigEndian(
            SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines.Concat(lists).Order(StringComparer.Ordinal)))));
    }

    /// <summary>What nodes should have in common of a key.</summary>
    internal static string Shared(SettingLine line) => !line.IsOfTheNode ? line.Text : line.Text == "\"\"" ? "" : "set";
}
