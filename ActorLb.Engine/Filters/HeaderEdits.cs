using System.Text;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Traces;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Filters;

/// <summary>Changes of the fields of a head that goes on. Immutable.</summary>
internal sealed class HeaderEdits
{
    private readonly byte[][] _taken;
    private readonly string[] _written;

    private HeaderEdits(HeaderEditSettings settings, IEnumerable<string> taken)
    {
        _taken = [.. settings.Remove.Concat(settings.Set.Select(s => s.Name)).Concat(taken).Distinct(StringComparer.OrdinalIgnoreCase).Select(Encoding.ASCII.GetBytes)];
        _written = [.. settings.Set.Concat(settings.Add).Select(f => f.Name)];
        DecidesTraces = settings.Remove.Concat(_written).Contains(TraceFields.Parent, StringComparer.OrdinalIgnoreCase);
        Lines = RouteAnswer.LinesOf([.. settings.Set.Concat(settings.Add).Select(f => (f.Name, f.Value ?? ""))]);
    }

    /// <summary>The route says itself what backends get of traces.</summary>
    public bool DecidesTraces { get; }

    /// <summary>What is written behind the fields that are left: lines with their ends.</summary>
    public byte[] Lines { get; }

    /// <param name="taken">Names of fields that end here beside.</param>
    public static HeaderEdits? Of(HeaderEditSettings settings, EquatableArray<string> taken) =>
        settings == HeaderEditSettings.None && taken.IsEmpty ? null : new(settings, taken);

    /// <summary>Whether a field of this name is among the lines.</summary>
    public bool Writes(string name) => _written.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Has the fields that are not to go on end here, as those do that Connection names; their twins (<see cref="TwinNames"/>), too.
    /// </summary>
    /// <param name="source">What the fields are offsets into.</param>
    public void Take(ReadOnlySpan<byte> source, Span<HeaderField> fields)
    {
        foreach (ref HeaderField field in fields)
        {
            foreach (byte[] name in _taken)
            {
                if (TwinNames.AreAlike(field.Name(source), name))
                {
                    field.Traits |= FieldTraits.Nominated;
                }
            }
        }
    }
}
