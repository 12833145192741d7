using System.Text;

namespace ActorLb.Engine.Http1;

/// <summary>
/// The members of a comma-separated field value, without the whitespace around them; empty ones are passed over
/// (RFC 9110, 5.6.1). For fields whose members are tokens: a comma within quotes would be taken for an end.
/// </summary>
internal ref struct ListMembers(ReadOnlySpan<byte> value)
{
    private ReadOnlySpan<byte> _rest = value;

    public ReadOnlySpan<byte> Current { get; private set; }

    public readonly ListMembers GetEnumerator() => this;

    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            int comma = _rest.IndexOf((byte)',');
            ReadOnlySpan<byte> member = comma < 0 ? _rest : _rest[..comma];
            _rest = comma < 0 ? default : _rest[(comma + 1)..];
            Current = member.Trim(" \t"u8);
            if (!Current.IsEmpty)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the list has this member, in any case.</summary>
    public static bool Contains(ReadOnlySpan<byte> value, ReadOnlySpan<byte> member)
    {
        foreach (ReadOnlySpan<byte> own in new ListMembers(value))
        {
            if (Ascii.EqualsIgnoreCase(own, member))
            {
                return true;
            }
        }

        return false;
    }
}
