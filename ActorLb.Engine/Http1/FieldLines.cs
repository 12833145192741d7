namespace ActorLb.Engine.Http1;

/// <summary>Makes one line of all lines that a field has: for fields whose values are lists (RFC 9110, 5.3).</summary>
internal static class FieldLines
{
    /// <param name="own">Stands at the end; empty: nothing of ours does.</param>
    public static void Append(
        ref HeadBuffer target,
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> source,
        ReadOnlySpan<HeaderField> fields,
        KnownField known,
        ReadOnlySpan<byte> own,
        ReadOnlySpan<byte> separator)
    {
        bool isFirst = !AppendOpen(ref target, name, source, fields, known, separator);
        target.Append(isFirst || own.IsEmpty ? default : separator);
        target.Append(own);
        target.Append("\r\n"u8);
    }

    /// <summary>The same without an end of the line; false where no line had a value.</summary>
    public static bool AppendOpen(
        ref HeadBuffer target,
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> source,
        ReadOnlySpan<HeaderField> fields,
        KnownField known,
        ReadOnlySpan<byte> separator)
    {
        target.Append(name);
        target.Append(": "u8);
        bool isFirst = true;
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known == known && field.ValueLength > 0 && (field.Traits & FieldTraits.Nominated) == 0)
            {
                target.Append(isFirst ? default : separator);
                target.Append(field.Value(source));
                isFirst = false;
            }
        }

        return !isFirst;
    }
}
