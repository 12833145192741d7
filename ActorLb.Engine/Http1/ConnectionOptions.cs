using System.Text;

namespace ActorLb.Engine.Http1;

[Flags]
internal enum ConnectionTraits : byte
{
    None = 0,
    Close = 1,
    KeepAlive = 2,
    Upgrade = 4,
}

/// <summary>Reads Connection: the options that mean something here, and the fields that it nominates as its own (RFC 9110, 7.6.1).</summary>
internal static class ConnectionOptions
{
    // A client that could strike these out would change what the request means.
    private static readonly KnownFieldSet NeverNominated = KnownFieldSet.Of(KnownField.Host, KnownField.ContentLength);

    /// <summary>Marks nominated fields. An option that is no token nominates nothing and is passed over.</summary>
    public static MessageFault Read(ReadOnlySpan<byte> bytes, Span<HeaderField> fields, in FieldSummary summary, out ConnectionTraits traits)
    {
        traits = ConnectionTraits.None;
        if (!summary.Has(KnownField.Connection))
        {
            return MessageFault.None;
        }

        int nominations = 0;
        if (!summary.Repeated.Contains(KnownField.Connection))
        {
            ReadOnlySpan<byte> value = fields[summary.LastOf(KnownField.Connection)].Value(bytes);
            return ReadOne(value, bytes, fields, ref nominations, ref traits);
        }

        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known == KnownField.Connection
                && ReadOne(field.Value(bytes), bytes, fields, ref nominations, ref traits) is var fault and not MessageFault.None)
            {
                return fault;
            }
        }

        return MessageFault.None;
    }

    private static MessageFault ReadOne(
        ReadOnlySpan<byte> value, ReadOnlySpan<byte> bytes, Span<HeaderField> fields, ref int nominations, ref ConnectionTraits traits)
    {
        foreach (ReadOnlySpan<byte> option in new ListMembers(value))
        {
            if (Ascii.EqualsIgnoreCase(option, "keep-alive"u8))
            {
                traits |= ConnectionTraits.KeepAlive;
            }
            else if (Ascii.EqualsIgnoreCase(option, "close"u8))
            {
                traits |= ConnectionTraits.Close;
            }
            else if (Ascii.EqualsIgnoreCase(option, "upgrade"u8))
            {
                traits |= ConnectionTraits.Upgrade;
            }
            else if (++nominations > MessageLimits.NominationsMax)
            {
                return MessageFault.ConnectionOptionsTooMany;
            }
            else
            {
                Nominate(option, bytes, fields);
            }
        }

        return MessageFault.None;
    }

    private static void Nominate(ReadOnlySpan<byte> option, ReadOnlySpan<byte> bytes, Span<HeaderField> fields)
    {
        foreach (ref HeaderField field in fields)
        {
            if (field.NameLength == option.Length
                && Ascii.EqualsIgnoreCase(field.Name(bytes), option)
                && !NeverNominated.Contains(field.Known))
            {
                field.Traits |= FieldTraits.Nominated;
            }
        }
    }
}
