using System.Security.Cryptography;
using System.Text;

namespace ActorLb.Node.Events.Webhooks;

/// <summary>By which whoever is called knows that an event comes from somebody who has the secret: HMAC-SHA256 (RFC 2104) of the body.</summary>
internal static class WebhookSignature
{
    public const string Field = "X-ActorLb-Signature";

    /// <param name="secret">As it is configured; its bytes in UTF-8 are the key.</param>
    public static string Of(string secret, ReadOnlySpan<byte> body) =>
        $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body))}";
}
