using ActorLb.Chaos.Lab;

namespace ActorLb.Chaos.Browsers;

/// <summary>Host names by which clients ask for a pool.</summary>
internal static class Sites
{
    public static string Of(string pool) => pool == "web" ? CertificateFiles.Site : $"{pool}.test";
}
