using System.Collections.Frozen;
using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ActorLb.Engine.Certificates;

/// <summary>
/// A distinguished name as text (RFC 4514), its last part first. Every character that could mean something to somebody who reads it
/// stands as hexadecimal pairs of its UTF-8, so that what is left is visible ASCII without quotes. Two names never have one text. Pure.
/// </summary>
internal static class DistinguishedNameText
{
    private const string Meaningful = "\"\\,;+<>=#";

    // RFC 4514, 3, and the two that OpenSSL writes by their names as well.
    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        ["2.5.4.3"] = "CN", ["2.5.4.7"] = "L", ["2.5.4.8"] = "ST", ["2.5.4.10"] = "O", ["2.5.4.11"] = "OU", ["2.5.4.6"] = "C", ["2.5.4.9"] = "STREET",
        ["0.9.2342.19200300.100.1.25"] = "DC", ["0.9.2342.19200300.100.1.1"] = "UID", ["1.2.840.113549.1.9.1"] = "emailAddress", ["2.5.4.5"] = "serialNumber",
    }.ToFrozenDictionary();

    private static readonly FrozenSet<UniversalTagNumber> TextTags = new[]
    {
        UniversalTagNumber.UTF8String, UniversalTagNumber.PrintableString, UniversalTagNumber.IA5String, UniversalTagNumber.T61String,
        UniversalTagNumber.BMPString, UniversalTagNumber.VisibleString, UniversalTagNumber.NumericString,
    }.ToFrozenSet();

    /// <summary>Empty where the name has no parts, or cannot be read.</summary>
    public static string Of(X500DistinguishedName name)
    {
        try
        {
            var parts = new List<string>();
            AsnReader all = new AsnReader(name.RawData, AsnEncodingRules.BER).ReadSequence();
            while (all.HasData)
            {
                parts.Add(string.Join('+', Members(all.ReadSetOf(skipSortOrderValidation: true))));
            }

            parts.Reverse();
            return string.Join(',', parts);
        }
        catch (AsnContentException)
        {
            return "";
        }
    }

    private static IEnumerable<string> Members(AsnReader part)
    {
        while (part.HasData)
        {
            AsnReader member = part.ReadSequence();
            string type = member.ReadObjectIdentifier();
            ReadOnlyMemory<byte> value = member.ReadEncodedValue();
            yield return Types.TryGetValue(type, out string? name) && TextOf(value) is { } text
                ? $"{name}={Escaped(text)}"
                : $"{type}=#{Convert.ToHexString(value.Span)}";
        }
    }

    private static string? TextOf(ReadOnlyMemory<byte> encoded)
    {
        var reader = new AsnReader(encoded, AsnEncodingRules.BER);
        Asn1Tag tag = reader.PeekTag();
        if (tag.TagClass != TagClass.Universal || !TextTags.Contains((UniversalTagNumber)tag.TagValue))
        {
            return null;
        }

        try
        {
            return reader.ReadCharacterString((UniversalTagNumber)tag.TagValue);
        }
        catch (AsnContentException)
        {
            // Characters that its kind has not.
            return null;
        }
    }

    private static string Escaped(string value)
    {
        var text = new StringBuilder();
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        for (int i = 0; i < bytes.Length; i++)
        {
            char c = (char)bytes[i];
            bool isInnerBlank = c == ' ' && i > 0 && i < bytes.Length - 1;
            if (isInnerBlank || (c is > ' ' and <= '~' && !Meaningful.Contains(c, StringComparison.Ordinal)))
            {
                text.Append(c);
            }
            else
            {
                text.Append('\\').Append(bytes[i].ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return text.ToString();
    }
}
