using System.Globalization;
using ActorLb.Node.Configuration.Hocon;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Revisions;

/// <summary>The backends of pools as an operator would write them. Pure.</summary>
internal static class BackendsText
{
    private static readonly HoconOrigin Nowhere = HoconOrigin.WholeFile("");

    /// <summary>actorlb { pools { NAME { backends = […] } … } }.</summary>
    public static HoconObject Of(IEnumerable<PoolSettings> pools) => Object(
        ("actorlb", Object(("pools", Object([.. pools.Select(p => (p.Name, (HoconValue)Object(("backends", Of(p)))))])))));

    private static HoconList Of(PoolSettings pool) => new(Nowhere, [.. pool.Backends.Select(Of), .. pool.Names.Select(Of)]);

    private static HoconObject Of(BackendSettings backend) => Object(
    [
        ("address", Text(backend.Address.GetLeftPart(UriPartial.Authority))),
        ("id", Text(backend.Id)),
        ("weight", Number(backend.Weight)),
        .. backend.MaxConnections is { } most ? [("max-connections", Number(most))] : Array.Empty<(string, HoconValue)>(),
        .. backend.IsBackup ? [("backup", Text("true"))] : Array.Empty<(string, HoconValue)>(),
    ]);

    private static HoconObject Of(NamedBackends name) => Object(
    [
        ("address", Text(string.Create(CultureInfo.InvariantCulture, $"dns://{name.Host}:{name.Port}"))),
        ("weight", Number(name.Weight)),
        ("family", Text(name.Family.ToString().ToLowerInvariant())),
        .. name.MaxConnections is { } most ? [("max-connections", Number(most))] : Array.Empty<(string, HoconValue)>(),
        .. name.IsBackup ? [("backup", Text("true"))] : Array.Empty<(string, HoconValue)>(),
    ]);

    private static HoconObject Object(params (string Key, HoconValue Value)[] members)
    {
        var made = new HoconObject(Nowhere);
        foreach ((string key, HoconValue value) in members)
        {
            made.Put(new HoconMember(key, Nowhere, value));
        }

        return made;
    }

    private static HoconText Text(string text) => new(Nowhere, text);

    private static HoconText Number(int number) => Text(number.ToString(CultureInfo.InvariantCulture));
}
