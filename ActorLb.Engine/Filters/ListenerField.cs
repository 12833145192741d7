using System.Text;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Filters;

/// <summary>A field that a listener's answers have, unless the backend or the route says it itself: the first counts. Immutable.</summary>
internal sealed class ListenerField(string name, string value)
{
    /// <summary>With its end.</summary>
    public byte[] Line { get; } = RouteAnswer.LinesOf((name, value));

    /// <summary>A backend's answer has one of its own, or its route writes one.</summary>
    /// <param name="source">The answer's head, into which the fields are offsets.</param>
    /// <param name="edits">Of the route: what they take is taken from the fields; null: there are none.</param>
    public bool IsSaid(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, HeaderEdits? edits)
    {
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.NameLength == name.Length && (field.Traits & FieldTraits.Nominated) == 0 && Ascii.EqualsIgnoreCase(field.Name(source), name))
            {
                return true;
            }
        }

        return edits is not null && edits.Writes(name);
    }
}
