using System.Collections.Immutable;
using System.Text;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.AccessLogs;

/// <summary>The fields of a log's lines of JSON, made ready once. Immutable.</summary>
internal sealed class AccessFields
{
    public static readonly AccessFields Default = new(AccessLogFields.Default);

    /// <summary>What a field has room for whatever stood before it: a time, a number, an id, or a value that shows that it was cut; with its quotes.</summary>
    private const int ValueBytesMin = 44;

    /// <summary>The brace that ends a line, and its line feed.</summary>
    private const int EndBytes = 2;

    private readonly ImmutableArray<Member> _members;

    public AccessFields(IEnumerable<string> names)
    {
        var members = new List<Member>();
        var headers = new List<string>();
        foreach (string name in names)
        {
            if (AccessLogFields.TryRead(name, out AccessField field, out string header))
            {
                members.Add(new Member(field, Encoding.ASCII.GetBytes($"{(members.Count == 0 ? '{' : ',')}\"{name}\":"), headers.Count, 0));
                if (field == AccessField.Header)
                {
                    headers.Add(header);
                }
            }
        }

        int reserved = EndBytes;
        for (int i = members.Count - 1; i >= 0; i--)
        {
            members[i] = members[i] with { Reserved = reserved };
            reserved += members[i].Lead.Length + ValueBytesMin;
        }

        _members = [.. members];
        Headers = [.. headers.Select(Encoding.ASCII.GetBytes)];
    }

    public ReadOnlySpan<Member> Members => _members.AsSpan();

    /// <summary>Names of fields of requests' heads, in small letters.</summary>
    public ImmutableArray<byte[]> Headers { get; }

    public bool Has(AccessField field) => _members.Any(m => m.Field == field);

    /// <param name="Lead">What stands before its value.</param>
    /// <param name="Header">Which of <see cref="Headers"/> it is.</param>
    /// <param name="Reserved">Bytes that are kept for what follows.</param>
    internal readonly record struct Member(AccessField Field, byte[] Lead, int Header, int Reserved);
}
