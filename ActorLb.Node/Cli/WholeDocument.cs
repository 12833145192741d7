using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;

namespace ActorLb.Node.Cli;

/// <summary>
/// Finds what a document that was read leaves out: null where its type says that there is none, in members and in the elements of collections. Members that
/// came later have defaults, or may be null: an earlier node's document is whole. Pure.
/// </summary>
internal static class WholeDocument
{
    private static readonly ConcurrentDictionary<Type, Member[]> MembersOf = new();

    /// <returns>Where it is, as in <c>pools[3].id</c>; null: nothing is missing.</returns>
    public static string? Missing(object document) => document is IEnumerable list and not string
        ? InElements(list, null, "")
        : InMembers(document, "");

    private static string? In(object? value, NullabilityInfo? said, string path) => value switch
    {
        null => said is { ReadState: NullabilityState.NotNull } ? path : null,
        string => null,
        JsonElement element => element.ValueKind == JsonValueKind.Undefined ? path : null,
        IDictionary map => InValues(map, said, path),
        IEnumerable list => IsUnset(list) ? path : InElements(list, said, path),
        _ => InMembers(value, path),
    };

    private static string? InMembers(object value, string path)
    {
        foreach (Member member in MembersOf.GetOrAdd(value.GetType(), static type => Read(type)))
        {
            if (In(member.Property.GetValue(value), member.Said, path.Length == 0 ? member.Name : $"{path}.{member.Name}") is { } missing)
            {
                return missing;
            }
        }

        return null;
    }

    private static string? InElements(IEnumerable list, NullabilityInfo? said, string path)
    {
        NullabilityInfo? element = said?.ElementType ?? said?.GenericTypeArguments.FirstOrDefault();
        int at = 0;
        foreach (object? one in list)
        {
            // A path is written where something is wrong: documents have a million elements.
            if ((one is null ? element is null or { ReadState: NullabilityState.NotNull } ? "" : null : In(one, element, "")) is { } missing)
            {
                return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{path}[{at}]{(missing.Length == 0 || missing[0] == '[' ? "" : ".")}{missing}");
            }

            at++;
        }

        return null;
    }

    private static string? InValues(IDictionary map, NullabilityInfo? said, string path)
    {
        NullabilityInfo? value = said is { GenericTypeArguments: [_, var second] } ? second : null;
        foreach (DictionaryEntry entry in map)
        {
            if (In(entry.Value, value, $"{path}.{entry.Key}") is { } missing)
            {
                return missing;
            }
        }

        return null;
    }

    // An immutable array that nobody has set throws when it is walked.
    private static bool IsUnset(IEnumerable list) =>
        list.GetType() is { IsValueType: true } type && list.Equals(Activator.CreateInstance(type));

    // What is computed from others says nothing of its own; types from elsewhere are values.
    private static Member[] Read(Type type)
    {
        if (type.Assembly != typeof(WholeDocument).Assembly || type.IsEnum)
        {
            return [];
        }

        var context = new NullabilityInfoContext();
        return
        [
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(p => p is { CanRead: true, CanWrite: true } && p.GetIndexParameters().Length == 0)
                .Where(p => !p.PropertyType.IsPrimitive && !p.PropertyType.IsEnum && Nullable.GetUnderlyingType(p.PropertyType) is null or { IsPrimitive: false })
                .Select(p => new Member(p, context.Create(p), JsonNamingPolicy.CamelCase.ConvertName(p.Name))),
        ];
    }

    private sealed record Member(PropertyInfo Property, NullabilityInfo Said, string Name);
}
