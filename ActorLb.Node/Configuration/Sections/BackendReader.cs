using System.Collections.Immutable;
using System.Net;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Configuration.Sections;

/// <summary>actorlb.pools.NAME.backends: addresses, names, or objects with id, address, weight, max-connections, backup and family.</summary>
internal static class BackendReader
{
    public const int WeightMax = 256;

    private const string NameScheme = "dns";

    private const string AddressExpected = "\"http://host:port\", \"https://host:port\" or \"dns://name:port\"";

    public static (ImmutableArray<BackendSettings> Backends, ImmutableArray<NamedBackends> Names) ReadAll(ConfigurationCursor list)
    {
        var read = ImmutableArray.CreateBuilder<BackendSettings>();
        var names = ImmutableArray.CreateBuilder<NamedBackends>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var keys = new HashSet<BackendKey>();
        var addresses = new Dictionary<Uri, string>();
        var listed = new HashSet<(string, int)>();
        IReadOnlyList<ConfigurationCursor> items = list.ItemsOrWords();
        foreach (ConfigurationCursor item in items)
        {
            if (Read(item) is not { } backend)
            {
                continue;
            }

            if (backend.Address.Scheme == NameScheme)
            {
                AddName(names, listed, NameOf(backend), item);
                continue;
            }

            if (!item.IsText && item["family"].Exists)
            {
                item["family"].Complain("only the addresses of dns:// are chosen by it", "\"dns://name:port\" as the address, or no family");
            }

            if (!ids.Add(backend.Id) | !keys.Add(BackendKey.Of(backend.Id)))
            {
                item.Complain($"the id '{backend.Id}' is given twice in this pool", "an id of its own for each backend");
            }
            else if (addresses.TryGetValue(backend.Address, out string? same))
            {
                item.Warn($"{backend.Address.Authority} is the address of '{same}' too", "raise its weight where it should get more");
            }

            addresses.TryAdd(backend.Address, backend.Id);
            read.Add(backend);
        }

        if (read.Count + names.Count > 0 && read.All(b => b.IsBackup) && names.All(n => n.IsBackup))
        {
            list.Warn("all backends of the pool are backups, so they are used as any", "backup = true for those alone that are to wait");
        }

        if (items.Count == 0)
        {
            list.Complain("the pool has no backend", "a list such as [\"http://127.0.0.1:9001\"]");
        }

        return (read.ToImmutable(), names.ToImmutable());
    }

    private static NamedBackends NameOf(BackendSettings entry) =>
        new(entry.Address.Host, entry.Address.Port, entry.Weight) { MaxConnections = entry.MaxConnections, IsBackup = entry.IsBackup };

    private static void AddName(ImmutableArray<NamedBackends>.Builder names, HashSet<(string Host, int Port)> listed, NamedBackends name, ConfigurationCursor item)
    {
        if (!item.IsText && item["family"].Exists)
        {
            name = name with
            {
                Family = item["family"].Choice(
                    ("auto", NameFamily.Auto), ("ipv4", NameFamily.IPv4), ("ipv6", NameFamily.IPv6), ("both", NameFamily.Both)),
            };
        }

        if (!item.IsText && item["id"].Exists)
        {
            item["id"].Complain("each address of a name is a backend of its own", "no id: they are called by their addresses");
        }

        if (!listed.Add((name.Host, name.Port)))
        {
            item.Complain($"dns://{name.Host}:{name.Port} is given twice in this pool", "each name once");
        }

        names.Add(name);
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
        ConfigurationCursor places = item["max-connections"];
        ConfigurationCursor backup = item["backup"];
        Uri? uri = item["address"].As<Uri?>(ReadAddress, AddressExpected, null);
        string? id = idKey.Exists ? idKey.As<string?>(ReadId, Names.Expected, null) : uri is null ? null : DefaultId(uri);
        int turns = weight.Exists ? ReadWeight(weight) : 1;
        int? maxConnections = places.Exists ? places.Integer(0, PoolReader.ConnectionsMax) : null;
        return uri is null || id is null ? null : new BackendSettings(id, uri, turns) { MaxConnections = maxConnections, IsBackup = backup.Exists && backup.Switch() };
    }

    private static int ReadWeight(ConfigurationCursor weight)
    {
        if (weight.IsText && weight.Text("") == "0")
        {
            weight.Complain(
                "0 is out of range: a backend that is to get nothing new is drained, and keeps its sessions meanwhile",
                $"a whole number from 1 to {WeightMax}, and \"actorlb drain POOL/BACKEND\" (or maintenance) at run time");
        }

        return weight.Integer(1, WeightMax);
    }

    /// <summary>Where one server is; names of several are none.</summary>
    /// <returns>What is wrong with it; null where it is good.</returns>
    public static string? ReadServer(string text, out Uri? address)
    {
        string? problem = ReadAddress(text, out address);
        return problem is null && address!.Scheme == NameScheme
            ? $"'{text}' is a name with any number of addresses: it is written in the configuration, and one server is added here"
            : problem;
    }

    /// <summary>What a backend is called for which nobody says it: host:port.</summary>
    public static string DefaultId(Uri address) => $"{address.Host}:{address.Port}";

    private static string? ReadId(string text, out string? id)
    {
        string? problem = Names.Read(text, out string name);
        id = name;
        return problem;
    }

    private static string? ReadAddress(string text, out Uri? address)
    {
        address = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0)
        {
            return text.Contains('@', StringComparison.Ordinal) ? "this is no address, and may hold a password"
                : text.Any(char.IsWhiteSpace)
                ? $"'{text}' is no address, and holds a blank: a comma may be missing"
                : $"'{text}' is no address";
        }

        string? problem =
            uri.Scheme is not ("http" or "https" or NameScheme) ? $"'{text}' is neither http nor https"
            : uri.UserInfo.Length > 0 ? "the address holds a user or a password"
            : uri.AbsolutePath != "/" || text.AsSpan().ContainsAny('?', '#') ? $"'{text}' has more than scheme, host and port"
            : uri.Port < 1 ? $"'{text}' has no usable port"
            : uri.Scheme == NameScheme && uri.HostNameType != UriHostNameType.Dns ? $"'{text}' has an address where a name belongs"
            : null;
        address = problem is null ? Plain(uri) : null;
        return problem;
    }

    private static Uri Plain(Uri uri) =>
        uri.HostNameType == UriHostNameType.IPv6 && IPAddress.Parse(uri.Host) is { IsIPv4MappedToIPv6: true } address
            ? new UriBuilder(uri) { Host = Endpoints.Plain(address).ToString() }.Uri
            : uri;
}
