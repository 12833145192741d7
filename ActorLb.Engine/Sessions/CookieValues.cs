namespace ActorLb.Engine.Sessions;

/// <summary>
/// The values that one Cookie field gives to one name (RFC 6265, 4.2.1), without quotes around them; empty ones are passed
/// over. Of the same name there may be several: of a host and of its domain, of two paths.
/// </summary>
internal ref struct CookieValues(ReadOnlySpan<byte> field, ReadOnlySpan<byte> name)
{
    private readonly ReadOnlySpan<byte> _name = name;
    private ReadOnlySpan<byte> _rest = field;

    public ReadOnlySpan<byte> Current { get; private set; }

    public readonly CookieValues GetEnumerator() => this;

    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            int end = _rest.IndexOf((byte)';');
            ReadOnlySpan<byte> pair = (end < 0 ? _rest : _rest[..end]).Trim(" \t"u8);
            _rest = end < 0 ? default : _rest[(end + 1)..];
            if (TryRead(pair, _name, out ReadOnlySpan<byte> value))
            {
                Current = value;
                return true;
            }
        }

        return false;
    }

    /// <summary>The value of a pair with this name; false where the pair has another name, or no value.</summary>
    public static bool TryRead(ReadOnlySpan<byte> pair, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!pair.StartsWith(name))
        {
            return false;
        }

        ReadOnlySpan<byte> rest = pair[name.Length..].TrimStart(" \t"u8);
        if (rest.IsEmpty || rest[0] != '=')
        {
            return false;
        }

        value = rest[1..].Trim(" \t"u8);
        value = value.Length > 1 && value[0] == '"' && value[^1] == '"' ? value[1..^1] : value;
        return !value.IsEmpty;
    }
}
