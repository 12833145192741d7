using System.Globalization;
using System.Text;
using ActorLb.Engine.Http1;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Filters;

/// <summary>
/// Strict-Transport-Security (RFC 6797) of all answers of a listener with TLS: browsers come by https alone from then on. Over plain
/// HTTP nobody may say it (7.2). Immutable.
/// </summary>
internal sealed class StrictTransport
{
    private const string Name = "Strict-Transport-Security";

    private StrictTransport(TimeSpan maxAge) =>
        Line = RouteAnswer.LinesOf((Name, string.Create(CultureInfo.InvariantCulture, $"max-age={(long)maxAge.TotalSeconds}")));

    /// <summary>With its end.</summary>
    public byte[] Line { get; }

    /// <summary>Null: the listener says nothing of it.</summary>
    public static StrictTransport? Of(ListenerSettings listener) => listener.Tls is not null && listener.Hsts > TimeSpan.Zero ? new(listener.Hsts) : null;

    /// <summary>The line for a backend's answer; null where that has one of its own, or its route writes one: the first counts (8.1).</summary>
    /// <param name="source">The answer's head, into which the fields are offsets.</param>
    /// <param name="edits">Of the route: what they take is taken from the fields; null: there are none.</param>
    public byte[]? For(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, HeaderEdits? edits)
    {
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.NameLength == Name.Length && (field.Traits & FieldTraits.Nominated) == 0 && Ascii.EqualsIgnoreCase(field.Name(source), Name))
            {
                return null;
            }
        }

        return edits is not null && edits.Writes(Name) ? null : Line;
    }
}
