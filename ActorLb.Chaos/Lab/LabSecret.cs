using System.Security.Cryptography;

namespace ActorLb.Chaos.Lab;

/// <summary>By what all nodes of this run know each other.</summary>
internal static class LabSecret
{
    public static string Text { get; } = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
}
