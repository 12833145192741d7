using System.Security.Authentication;

namespace ActorLb.Engine.Listeners;

/// <summary>The connections of one listener on this node: how many are open, how many were refused for which reason, and what came by them.</summary>
/// <param name="name">The listener's.</param>
public sealed class ListenerConnections(string name)
{
    private int _open;
    private long _accepted;
    private long _handshakesOfTls12;
    private long _handshakesOfTls13;
    private long _failedHandshakes;
    private long _refusedForListener;
    private long _refusedForAddress;
    private long _refusedForDescriptors;
    private long _refusedForMemory;
    private long _refusedCertificates;

    public string Name => name;

    /// <summary>Those that came by them.</summary>
    public ListenerRequests Requests { get; } = new();

    public int Open => Volatile.Read(ref _open);

    /// <summary>That were let in.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>TLS handshakes that came to that version.</summary>
    public long HandshakesOfTls12 => Interlocked.Read(ref _handshakesOfTls12);

    /// <inheritdoc cref="HandshakesOfTls12"/>
    public long HandshakesOfTls13 => Interlocked.Read(ref _handshakesOfTls13);

    /// <summary>TLS handshakes that were begun and came to nothing.</summary>
    public long FailedHandshakes => Interlocked.Read(ref _failedHandshakes);

    /// <summary>The listener had all that it may have.</summary>
    public long RefusedForListener => Interlocked.Read(ref _refusedForListener);

    /// <summary>The client's address had.</summary>
    public long RefusedForAddress => Interlocked.Read(ref _refusedForAddress);

    /// <summary>All listeners together had what this process has descriptors for.</summary>
    public long RefusedForDescriptors => Interlocked.Read(ref _refusedForDescriptors);

    /// <summary>The node had used up its memory, and more than that.</summary>
    public long RefusedForMemory => Interlocked.Read(ref _refusedForMemory);

    /// <summary>Handshakes in which the client showed no good certificate.</summary>
    public long RefusedCertificates => Interlocked.Read(ref _refusedCertificates);

    /// <param name="max">0: no limit.</param>
    internal bool TryOpen(int max)
    {
        int seen = Volatile.Read(ref _open);
        while (max <= 0 || seen < max)
        {
            int before = Interlocked.CompareExchange(ref _open, seen + 1, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    /// <summary>How many are left.</summary>
    internal int Close() => Interlocked.Decrement(ref _open);

    internal void Accept() => Interlocked.Increment(ref _accepted);

    /// <param name="version">What the connection has; None: it came to nothing.</param>
    internal void ShookHands(SslProtocols version)
    {
        switch (version)
        {
            case SslProtocols.None:
                Interlocked.Increment(ref _failedHandshakes);
                break;
            case SslProtocols.Tls13:
                Interlocked.Increment(ref _handshakesOfTls13);
                break;
            default:
                Interlocked.Increment(ref _handshakesOfTls12);
                break;
        }
    }

    internal void RefuseForListener() => Interlocked.Increment(ref _refusedForListener);

    internal void RefuseForDescriptors() => Interlocked.Increment(ref _refusedForDescriptors);

    internal void RefuseForMemory() => Interlocked.Increment(ref _refusedForMemory);

    internal void RefuseForCertificate() => Interlocked.Increment(ref _refusedCertificates);

    internal void RefuseForAddress() => Interlocked.Increment(ref _refusedForAddress);
}
