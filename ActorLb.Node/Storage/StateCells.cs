using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Hashing;

namespace ActorLb.Node.Storage;

/// <summary>
/// The states of a node under their names, as bytes, and which of them the file does not have yet. In the file each ends with the
/// XXH3 of its bytes. Any thread: whoever sets a state does not wait for the one that is being written.
/// </summary>
internal sealed class StateCells
{
    private const int SumBytes = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Cell> _cells = [];
    private long _version;

    /// <summary>What the file does not have, as it is to be written.</summary>
    public ImmutableArray<UnwrittenState> Unwritten
    {
        get
        {
            lock (_gate)
            {
                return [.. _cells.Where(c => !c.Value.IsWritten).Select(c => new UnwrittenState(c.Key, Sealed(c.Value.Bytes), c.Value.Version))];
            }
        }
    }

    public byte[]? Get(string name)
    {
        lock (_gate)
        {
            return _cells.GetValueOrDefault(name)?.Bytes;
        }
    }

    public bool IsWritten(string name)
    {
        lock (_gate)
        {
            return _cells.GetValueOrDefault(name) is null or { IsWritten: true };
        }
    }

    public void Set(string name, byte[] value)
    {
        lock (_gate)
        {
            _cells[name] = new Cell(value, ++_version, IsWritten: false);
        }
    }

    /// <summary>Takes what a file had; what was set since is newer and stays.</summary>
    /// <returns>What of it is damaged; null where nothing is.</returns>
    public string? Load(IReadOnlyDictionary<string, byte[]> stored)
    {
        string? damage = null;
        lock (_gate)
        {
            MarkUnwritten();
            foreach ((string name, byte[] value) in stored)
            {
                int content = value.Length - SumBytes;
                if (content < 0 || BinaryPrimitives.ReadUInt64BigEndian(value.AsSpan(content)) != XxHash3.HashToUInt64(value.AsSpan(0, content)))
                {
                    damage = $"{name} does not match its sum";
                }
                else
                {
                    _cells.TryAdd(name, new Cell(value[..content], ++_version, IsWritten: true));
                }
            }
        }

        return damage;
    }

    /// <summary>These are in the file; what was set meanwhile is not.</summary>
    public void MarkWritten(ImmutableArray<UnwrittenState> written)
    {
        lock (_gate)
        {
            foreach (UnwrittenState state in written)
            {
                if (_cells.TryGetValue(state.Name, out Cell? cell) && cell.Version == state.Version)
                {
                    _cells[state.Name] = cell with { IsWritten = true };
                }
            }
        }
    }

    /// <summary>The file is a new one.</summary>
    public void MarkUnwritten()
    {
        lock (_gate)
        {
            foreach ((string name, Cell cell) in _cells.ToArray())
            {
                _cells[name] = cell with { IsWritten = false };
            }
        }
    }

    private static byte[] Sealed(byte[] value)
    {
        var bytes = new byte[value.Length + SumBytes];
        value.CopyTo(bytes, 0);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(value.Length), XxHash3.HashToUInt64(value));
        return bytes;
    }

    private sealed record Cell(byte[] Bytes, long Version, bool IsWritten);
}

/// <summary>A state that the file does not have.</summary>
/// <param name="Sealed">As it is written.</param>
/// <param name="Version">Tells it from one that is set later under the same name.</param>
internal readonly record struct UnwrittenState(string Name, byte[] Sealed, long Version);
