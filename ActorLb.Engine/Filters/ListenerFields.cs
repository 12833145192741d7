using System.Globalization;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Filters;

/// <summary>
/// What the answers of a listener with TLS say of it: Strict-Transport-Security, so that browsers come by https alone from then on (RFC 6797;
/// over plain HTTP nobody may say it, 7.2), and Alt-Svc, so that they come by HTTP/3 (RFC 7838). Immutable.
/// </summary>
internal sealed class ListenerFields
{
    /// <summary>For which clients remember that there is HTTP/3, in seconds: a day.</summary>
    private const int AlternativeSeconds = 86_400;

    private readonly ListenerField[] _fields;

    // By those that are said already, a bit each.
    private readonly byte[][] _lines;

    private ListenerFields(ListenerField[] fields)
    {
        _fields = fields;
        _lines = [.. Enumerable.Range(0, 1 << fields.Length).Select(said => fields.Where((_, i) => (said & (1 << i)) == 0).SelectMany(f => f.Line).ToArray())];
    }

    /// <summary>Of our own answers. With their ends.</summary>
    public byte[] Lines => _lines[0];

    /// <param name="port">At which the listener's clients come by HTTP/3; 0: they cannot.</param>
    /// <returns>Null: the listener says nothing.</returns>
    public static ListenerFields? Of(ListenerSettings listener, int port)
    {
        var fields = new List<ListenerField>();
        if (listener.Tls is not null && listener.Hsts > TimeSpan.Zero)
        {
            fields.Add(new ListenerField("Strict-Transport-Security", string.Create(CultureInfo.InvariantCulture, $"max-age={(long)listener.Hsts.TotalSeconds}")));
        }

        if (port > 0)
        {
            fields.Add(new ListenerField("Alt-Svc", string.Create(CultureInfo.InvariantCulture, $"h3=\":{port}\"; ma={AlternativeSeconds}")));
        }

        return fields.Count == 0 ? null : new([.. fields]);
    }

    /// <summary>The lines for a backend's answer, without those that it or its route says itself.</summary>
    /// <inheritdoc cref="ListenerField.IsSaid"/>
    public byte[] For(ReadOnlySpan<byte> source, ReadOnlySpan<Http1.HeaderField> fields, HeaderEdits? edits)
    {
        int said = 0;
        for (int i = 0; i < _fields.Length; i++)
        {
            said |= _fields[i].IsSaid(source, fields, edits) ? 1 << i : 0;
        }

        return _lines[said];
    }
}
