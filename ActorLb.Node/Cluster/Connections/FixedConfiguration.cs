using Akka.Configuration;

namespace ActorLb.Node.Cluster.Connections;

/// <summary>What actor systems of nodes have in common: hocon/akka.conf, which is no operator's business.</summary>
internal static class FixedConfiguration
{
    /// <summary>Part of each address between nodes.</summary>
    public const string SystemName = "actorlb";

    public static readonly Config Akka = Read();

    private static Config Read()
    {
        using Stream stream = typeof(FixedConfiguration).Assembly.GetManifestResourceStream("hocon/akka.conf")!;
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }
}
