using System.Buffers;
using System.Text;

namespace ActorLb.Engine.Http1;

internal enum TargetForm : byte
{
    /// <summary>A path with perhaps a query.</summary>
    Origin,

    /// <summary>A whole URI, as clients send it to proxies.</summary>
    Absolute,

    /// <summary>"*": the server itself.</summary>
    Asterisk,
}

/// <summary>A request's target, taken apart (RFC 9112, 3.2). Nothing is unescaped or normalised: to the backend it means what the client meant.</summary>
internal struct RequestTarget
{
    /// <summary>
    /// Visible ASCII but '#', which begins a fragment, and no target has one. Characters that only should have been
    /// escaped are common in the wild and mean the same to everybody.
    /// </summary>
    public static readonly SearchValues<byte> Characters =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Where(c => c != '#').Select(c => (byte)c)]);

    public TargetForm Form;

    /// <summary>An absolute target's scheme is https.</summary>
    public bool IsHttps;

    public ByteRange Whole;

    /// <summary>An absolute target's authority; else empty.</summary>
    public ByteRange Authority;

    /// <summary>Path and query; of an absolute target either may be missing, and then it begins with '?' or is empty.</summary>
    public ByteRange PathAndQuery;

    /// <param name="bytes">The input.</param>
    /// <param name="whole">Where the target is: at least one byte, allowed characters only.</param>
    public static MessageFault Read(ReadOnlySpan<byte> bytes, ByteRange whole, RequestMethod method, out RequestTarget target)
    {
        target = new RequestTarget { Whole = whole, PathAndQuery = whole };
        if (bytes[whole.Start] == '/')
        {
            return MessageFault.None;
        }

        if (whole.Length == 1 && bytes[whole.Start] == '*')
        {
            target.Form = TargetForm.Asterisk;
            return method == RequestMethod.Options ? MessageFault.None : MessageFault.AsteriskWithoutOptions;
        }

        return ReadAbsolute(whole.Of(bytes), ref target);
    }

    private static MessageFault ReadAbsolute(ReadOnlySpan<byte> text, ref RequestTarget target)
    {
        int scheme = text.IndexOf("://"u8);
        if (scheme <= 0 || !IsScheme(text[..scheme]))
        {
            return MessageFault.TargetMalformed;
        }

        target.Form = TargetForm.Absolute;
        target.IsHttps = Ascii.EqualsIgnoreCase(text[..scheme], "https"u8);
        if (!target.IsHttps && !Ascii.EqualsIgnoreCase(text[..scheme], "http"u8))
        {
            return MessageFault.TargetSchemeUnsupported;
        }

        int start = scheme + 3;
        int length = text[start..].IndexOfAny((byte)'/', (byte)'?');
        length = length < 0 ? text.Length - start : length;
        ReadOnlySpan<byte> authority = text.Slice(start, length);

        // Deprecated, and used to make one host look like another (RFC 9110, 4.2.4).
        if (authority.Contains((byte)'@'))
        {
            return MessageFault.TargetHasUserInfo;
        }

        int path = start + length;
        target.Authority = new ByteRange(target.Whole.Start + start, length);
        target.PathAndQuery = new ByteRange(target.Whole.Start + path, text.Length - path);
        return Http1.Authority.IsValid(authority) ? MessageFault.None : MessageFault.TargetMalformed;
    }

    private static bool IsScheme(ReadOnlySpan<byte> text)
    {
        foreach (byte c in text)
        {
            if (!char.IsAsciiLetterOrDigit((char)c) && c is not ((byte)'+' or (byte)'-' or (byte)'.'))
            {
                return false;
            }
        }

        return char.IsAsciiLetter((char)text[0]);
    }
}
