using System.Text;
using ActorLb.Engine.Http1;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Filters;

/// <summary>Another path and host for the backend. Immutable.</summary>
internal sealed class TargetRewrite
{
    private readonly byte[] _strip;
    private readonly byte[] _prefix;
    private readonly byte[] _host;

    private TargetRewrite(RewriteSettings settings)
    {
        _strip = Encoding.ASCII.GetBytes(settings.StripPrefix.TrimEnd('/'));
        _prefix = Encoding.ASCII.GetBytes(settings.Prefix.TrimEnd('/'));
        _host = Encoding.ASCII.GetBytes(settings.Host);
    }

    /// <summary>What was taken from the path, as X-Forwarded-Prefix says it; empty: nothing.</summary>
    public ReadOnlySpan<byte> Stripped => _strip;

    /// <summary>What it writes of its own.</summary>
    public int BytesMax => (2 * _strip.Length) + _prefix.Length + _host.Length + 64;

    public static TargetRewrite? Of(RewriteSettings settings) => settings == RewriteSettings.None ? null : new(settings);

    /// <summary>
    /// Whether what is to be stripped is there. A path that means the same and is written otherwise (%61pp, /./app) is one that the
    /// backend would get as something else than what the route was chosen by.
    /// </summary>
    /// <param name="target">Path and query.</param>
    public bool Fits(ReadOnlySpan<byte> target) =>
        _strip.Length == 0 || (target.StartsWith(_strip) && (target.Length == _strip.Length || target[_strip.Length] is (byte)'/' or (byte)'?'));

    /// <summary>The request line and Host, in place of <see cref="RequestWriter.WriteStart"/>.</summary>
    /// <inheritdoc cref="RequestWriter.WriteStart"/>
    public void WriteStart(ref HeadBuffer target, ReadOnlySpan<byte> source, in RequestHead head, ReadOnlySpan<byte> hostIfNone)
    {
        ReadOnlySpan<byte> asked = head.Target.PathAndQuery.Of(source);
        if (head.Target.Form == TargetForm.Asterisk || (asked.IsEmpty && head.Method == RequestMethod.Options))
        {
            asked = default;
            target.Append("OPTIONS *"u8);
        }
        else
        {
            target.Append(head.MethodName.Of(source));
            target.Append(" "u8);
            target.Append(_prefix);
            asked = asked[_strip.Length..];
            target.Append(asked is [(byte)'/', ..] ? default : "/"u8);
        }

        target.Append(asked);
        target.Append(" HTTP/1.1\r\n"u8);
        bool isNamed = head.Fields.Has(KnownField.Host) || head.Target.Form == TargetForm.Absolute;
        target.AppendField("Host"u8, _host.Length > 0 ? _host : isNamed ? head.Authority.Of(source) : hostIfNone);
    }
}
