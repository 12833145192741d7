using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Loading;

namespace ActorLb.Tests.Configuration;

/// <summary>Reads configurations in an environment that the tests alone decide.</summary>
internal static class Reading
{
    public const string OneBackend = "backends = [\"http://127.0.0.1:9001\"]";

    public const string OnePool = "pools.web." + OneBackend;

    public static ConfigurationEnvironment Environment(params (string Name, string Value)[] variables)
    {
        Dictionary<string, string> all = variables.ToDictionary(v => v.Name, v => v.Value);
        return new ConfigurationEnvironment(all.GetValueOrDefault, "machine", TestCertificates.ReadFile) { ModeOf = _ => null };
    }

    /// <summary>Reads the inside of actorlb { … }.</summary>
    public static ConfigurationResult Read(string inside, params (string Name, string Value)[] variables) =>
        ConfigurationLoader.FromText("node.conf", "actorlb {\n" + inside + "\n}", Environment(variables));

    /// <summary>The same with one pool, for what needs no mistakes of its own.</summary>
    public static ConfigurationResult ReadWithPool(string inside, params (string Name, string Value)[] variables) =>
        Read(OnePool + "\n" + inside, variables);
}
