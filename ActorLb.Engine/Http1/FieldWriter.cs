namespace ActorLb.Engine.Http1;

/// <summary>Carries field lines over: all but those that concern one connection, or that the balancer writes itself.</summary>
internal static class FieldWriter
{
    /// <param name="source">What the fields were read from.</param>
    /// <param name="dropped">Fields to leave out, beside those that Connection nominates.</param>
    public static void Copy(ref HeadBuffer target, ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields, KnownFieldSet dropped)
    {
        int run = 0;
        int runEnd = 0;
        foreach (ref readonly HeaderField field in fields)
        {
            if (dropped.Contains(field.Known) || (field.Traits & FieldTraits.Nominated) != 0)
            {
                continue;
            }

            if ((field.Traits & FieldTraits.Plain) == 0)
            {
                target.Append(source[run..runEnd]);
                run = runEnd;
                target.AppendField(field.Name(source), field.Value(source));
                continue;
            }

            // Lines that are as we would write them are copied together.
            if (field.NameStart != runEnd)
            {
                target.Append(source[run..runEnd]);
                run = field.NameStart;
            }

            runEnd = field.ValueStart + field.ValueLength + 2;
        }

        target.Append(source[run..runEnd]);
    }
}
