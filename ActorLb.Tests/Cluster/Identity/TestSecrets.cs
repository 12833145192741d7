using ActorLb.Shared.Settings;

namespace ActorLb.Tests.Cluster.Identity;

/// <summary>Secrets that are the same in every run.</summary>
internal static class TestSecrets
{
    public static ClusterSecret A { get; } = Of(1);

    public static ClusterSecret B { get; } = Of(2);

    public static ClusterSecret C { get; } = Of(3);

    private static ClusterSecret Of(int seed)
    {
        byte[] bytes = new byte[ClusterSecret.Length];
        new Random(seed).NextBytes(bytes);
        return new ClusterSecret(bytes);
    }
}
