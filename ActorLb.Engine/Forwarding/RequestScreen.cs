using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace ActorLb.Engine.Forwarding;

/// <summary>
/// Refuses what the server let through and a backend could understand in another way than we do: leniency in a
/// balancer is a smuggling hole. Pure.
/// </summary>
internal static class RequestScreen
{
    // What ends a target or a line somewhere, and the fragment, which no target has (RFC 9112, 3.2).
    private static readonly SearchValues<char> Unseen =
        SearchValues.Create([.. Enumerable.Range(0, '!').Select(c => (char)c), '#', '\x7f']);

    /// <param name="target">The target as it stood in the request line.</param>
    /// <param name="opensWebSocket">CONNECT stands for an upgrade to WebSocket (RFC 8441).</param>
    public static FailureReason Check(
        string method, string target, string protocol, bool opensWebSocket, IHeaderDictionary headers)
    {
        if (HttpMethods.IsConnect(method) && !opensWebSocket)
        {
            return FailureReason.MethodUnsupported;
        }

        // Characters that only should have been escaped are common in the wild and mean the same to everybody;
        // those that end a line, a target or a field somewhere do not.
        if (target.AsSpan().ContainsAny(Unseen))
        {
            return FailureReason.BadTarget;
        }

        if (target is "*")
        {
            return FailureReason.TargetUnsupported;
        }

        return headers.TransferEncoding.Count == 0 ? FailureReason.None : CheckTransferCoding(protocol, headers);
    }

    private static FailureReason CheckTransferCoding(string protocol, IHeaderDictionary headers)
    {
        // Two lengths that disagree are an attack, not a mistake (RFC 9112, 6.3). The server itself moves a
        // Content-Length that stands beside Transfer-Encoding to X-Content-Length.
        if (headers.ContentLength is not null || headers.ContainsKey("X-Content-Length") || HttpProtocol.IsHttp10(protocol))
        {
            return FailureReason.AmbiguousLength;
        }

        return headers.TransferEncoding is [{ } coding] && coding.Equals("chunked", StringComparison.OrdinalIgnoreCase)
            ? FailureReason.None
            : FailureReason.TransferCodingUnsupported;
    }
}
