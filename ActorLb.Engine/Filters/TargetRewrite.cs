using System.Text;
using ActorLb.Engine.Http1;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Filters;

/// <summary>Another path and host for the backend. Immutable.</summary>
internal sealed class TargetRewrite
{
    private readonly byte[] _strip;
    private readonly byte[] _stripped;
    private readonly byte[] _prefix;
    private readonly byte[] _host;

    private TargetRewrite(RewriteSettings settings)
    {
        string strip = settings.StripPrefix.TrimEnd('/');
        _strip = Encoding.UTF8.GetBytes(strip);
        _stripped = Encoding.ASCII.GetBytes(NormalPath.Encode(strip));
        _prefix = Encoding.ASCII.GetBytes(settings.Prefix.TrimEnd('/'));
        _host = Encoding.ASCII.GetBytes(settings.Host);
    }

    /// <summary>What was taken from the path, as X-Forwarded-Prefix says it; empty: nothing.</summary>
    public ReadOnlySpan<byte> Stripped => _stripped;

    /// <summary>What it writes of its own.</summary>
    public int BytesMax => (2 * _stripped.Length) + _prefix.Length + _host.Length + 64;

    public static TargetRewrite? Of(RewriteSettings settings) => settings == RewriteSettings.None ? null : new(settings);

    /// <summary>
    /// Whether what is to be stripped is there. A path that means the same by other segments (//app, /./app) is one that the
    /// backend would get as something else than what the route was chosen by; and one that leads up would lead out of what is put before it.
    /// </summary>
    /// <param name="target">Path and query.</param>
    public bool Fits(ReadOnlySpan<byte> target)
    {
        ReadOnlySpan<byte> path = PathOf(target);
        return _strip.Length + _prefix.Length == 0 || (PathPrefix.LengthIn(path, _strip) is >= 0 and var strip && !PathPrefix.LeadsUp(path[strip..]));
    }

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
            asked = asked[PathPrefix.LengthIn(PathOf(asked), _strip)..];
            target.Append(asked is [(byte)'/', ..] ? default : "/"u8);
        }

        target.Append(asked);
        target.Append(" HTTP/1.1\r\n"u8);
        bool isNamed = head.Fields.Has(KnownField.Host) || head.Target.Form == TargetForm.Absolute;
        target.AppendField("Host"u8, _host.Length > 0 ? _host : isNamed ? head.Authority.Of(source) : hostIfNone);
    }

    private static ReadOnlySpan<byte> PathOf(ReadOnlySpan<byte> target)
    {
        int mark = target.IndexOf((byte)'?');
        return mark < 0 ? target : target[..mark];
    }
}
