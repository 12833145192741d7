using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Hashing;

namespace ActorLb.Node.Storage;

/// <summary>
/// The named states of a node, as bytes, and which of them the file does not have yet. In the file each ends with the
/// XXH3 of its bytes. Used by one thread at a time.
/// </summary>
internal sealed class StateCells
{
    public const string TicketKeys = "ticket-keys";
    public const string OperatorDecisions = "operator-decisions";

    public static readonly ImmutableArray<string> Names = [TicketKeys, OperatorDecisions];

    private const int SumBytes = 8;

    private readonly Dictionary<string, byte[]> _values = [];
    private readonly HashSet<string> _unwritten = [];

    /// <summary>What the file does not have, as it is to be written.</summary>
    public ImmutableDictionary<string, byte[]> Unwritten =>
        _unwritten.Count == 0 ? ImmutableDictionary<string, byte[]>.Empty : _unwritten.ToImmutableDictionary(n => n, n => Sealed(_values[n]));

    public byte[]? Get(string name) => _values.GetValueOrDefault(name);

    public bool IsWritten(string name) => !_unwritten.Contains(name);

    public void Set(string name, byte[] value)
    {
        _values[name] = value;
        _unwritten.Add(name);
    }

    /// <summary>Takes what a file had; what was set since is newer and stays.</summary>
    /// <returns>What of it is damaged; null where nothing is.</returns>
    public string? Load(IReadOnlyDictionary<string, byte[]> stored)
    {
        string? damage = null;
        MarkUnwritten();
        foreach ((string name, byte[] value) in stored)
        {
            int content = value.Length - SumBytes;
            if (content < 0 || BinaryPrimitives.ReadUInt64BigEndian(value.AsSpan(content)) != XxHash3.HashToUInt64(value.AsSpan(0, content)))
            {
                damage = $"{name} does not match its sum";
            }
            else if (_values.TryAdd(name, value[..content]))
            {
                _unwritten.Remove(name);
            }
        }

        return damage;
    }

    public void MarkWritten(ImmutableDictionary<string, byte[]> written) => _unwritten.ExceptWith(written.Keys);

    /// <summary>The file is a new one.</summary>
    public void MarkUnwritten() => _unwritten.UnionWith(_values.Keys);

    private static byte[] Sealed(byte[] value)
    {
        var bytes = new byte[value.Length + SumBytes];
        value.CopyTo(bytes, 0);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(value.Length), XxHash3.HashToUInt64(value));
        return bytes;
    }
}
