using System.Text;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Sessions;

/// <summary>
/// Has a client drop the application's cookie whose session an operator ended: an application that sets one only at the next login
/// would never replace it. Immutable.
/// </summary>
internal sealed class DroppedCookie
{
    private readonly byte[] _name;
    private readonly byte[] _line;

    /// <param name="path">With which the application sets it: a browser drops no cookie of another path (RFC 6265, 5.3).</param>
    public DroppedCookie(string name, string path)
    {
        // A browser takes a cookie of such a name with this word only, also one that it is to drop (RFC 6265bis, 4.1.3).
        bool isSecure = name.StartsWith("__Host-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("__Secure-", StringComparison.OrdinalIgnoreCase);
        _name = Encoding.ASCII.GetBytes(name);
        _line = Encoding.ASCII.GetBytes($"Set-Cookie: {name}=; Max-Age=0; Path={path}{(isSecure ? "; Secure" : "")}\r\n");
    }

    /// <summary>Writes the line; returns its length, 0 where the answer sets the cookie itself, or there is no room.</summary>
    /// <param name="source">The answer's head, into which the fields are offsets.</param>
    public int Write(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, Span<byte> target)
    {
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known == KnownField.SetCookie && IsOf(field.Value(source)))
            {
                return 0;
            }
        }

        return _line.AsSpan().TryCopyTo(target) ? _line.Length : 0;
    }

    private bool IsOf(ReadOnlySpan<byte> setCookie) =>
        setCookie.TrimStart(" \t"u8) is var pair && pair.StartsWith(_name) && pair[_name.Length..].TrimStart(" \t"u8).StartsWith("="u8);
}
