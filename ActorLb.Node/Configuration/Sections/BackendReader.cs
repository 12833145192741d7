using System.Collections.Immutable;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.pools.NAME.backends: addresses, or objects with id, address and weight.</summary>
internal static class BackendReader
{
    private const int WeightMax = 256;

    private const string AddressExpected = "\"http://host:port\" or \"https://host:port\"";

    public static ImmutableArray<BackendSettings> ReadAll(ConfigurationCursor list)
    {
        var read = ImmutableArray.CreateBuilder<BackendSettings>();
        IReadOnlyList<ConfigurationCursor> items = list.ItemsOrWords();
        foreach (ConfigurationCursor item in items)
        {
            if (Read(item) is not { } backend)
            {
                continue;
            }

            if (read.Any(b => b.Id == backend.Id || BackendKey.Of(b.Id) == BackendKey.Of(backend.Id)))
            {
                item.Complain($"the id '{backend.Id}' is given twice in this pool", "an id of its own for each backend");
            }
            else if (read.FirstOrDefault(b => b.Address == backend.Address) is { } same)
            {
                item.Warn($"{backend.Address.Authority} is the address of '{same.Id}' too", "raise its weight where it should get more");
            }

            read.Add(backend);
        }

        if (items.Count == 0)
        {
            list.Complain("the pool has no backend", "a list such as [\"http://127.0.0.1:9001\"]");
        }

        return read.ToImmutable();
    }

    private static BackendSettings? Read(ConfigurationCursor item)
    {
        if (item.IsText)
        {
            Uri? address = item.As<Uri?>(ReadAddress, AddressExpected, null);
            return address is null ? null : new BackendSettings(DefaultId(address), address, 1);
        }

        ConfigurationCursor idKey = item["id"];
        ConfigurationCursor weight = item["weight"];
        Uri? uri = item["address"].As<Uri?>(ReadAddress, AddressExpected, null);
        string? id = idKey.Exists ? idKey.As<string?>(ReadId, Names.Expected, null) : uri is null ? null : DefaultId(uri);
        int turns = weight.Exists ? weight.Integer(1, WeightMax) : 1;
        return uri is null || id is null ? null : new BackendSettings(id, uri, turns);
    }

    private static string DefaultId(Uri address) => $"{address.Host}:{address.Port}";

    private static string? ReadId(string text, out string? id)
    {
        string? problem = Names.Read(text, out string name);
        id = name;
        return problem;
    }

    private static string? ReadAddress(string text, out Uri? address)
    {
        address = null;
        if (text.StartsWith("dns://", StringComparison.OrdinalIgnoreCase))
        {
            return $"'{text}': this version does not resolve a pool by DNS";
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0)
        {
            return $"'{text}' is no address";
        }

        string? problem =
            uri.Scheme is not ("http" or "https") ? $"'{text}' is neither http nor https"
            : uri.UserInfo.Length > 0 ? "the address holds a user or a password"
            : uri.AbsolutePath != "/" || text.AsSpan().ContainsAny('?', '#') ? $"'{text}' has more than scheme, host and port"
            : uri.Port < 1 ? $"'{text}' has no usable port"
            : null;
        address = problem is null ? uri : null;
        return problem;
    }
}
