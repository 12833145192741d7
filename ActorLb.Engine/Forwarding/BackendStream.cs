using ActorLb.Engine.Failures;
using ActorLb.Engine.Transport;

namespace ActorLb.Engine.Forwarding;

/// <summary>
/// A request's way to its backend, and its answer's way back, as text of HTTP/1.1: a connection, or one of many calls that share
/// one of HTTP/2. In use by one exchange. One read and one write may be under way at the same time; closing ends both.
/// </summary>
internal abstract class BackendStream : IDisposable
{
    /// <summary>What <see cref="ReadAsync"/> returns where the connection broke instead of ending.</summary>
    public const int Broken = -1;

    /// <summary>It marks itself where a body ends: what is written is the head, and then the body as it is.</summary>
    public abstract bool FramesBodies { get; }

    /// <summary>It was authenticated, or offered to be.</summary>
    public bool IsAuthenticated { get; set; }

    /// <summary>It has carried an answer before: the backend may close it as idle at any moment.</summary>
    public bool IsReused { get; set; }

    /// <summary>What the network said when it broke.</summary>
    public Exception? Cause { get; protected set; }

    /// <summary>Nothing has come, and it has not ended: what a connection without a request must look like.</summary>
    public bool IsQuiet => Look() == Unread.Nothing;

    /// <summary>What it means that it broke.</summary>
    /// <param name="hasBegun">A part of the answer has come.</param>
    public virtual FailureReason Ended(bool hasBegun) => hasBegun || !IsReused ? FailureReason.BackendReset : FailureReason.BackendStale;

    /// <summary>
    /// What has come over it since its last answer, to be asked right before a request goes out. What a backend says before it
    /// was asked answers nobody, and HTTP/1.1 has no other sign of whom an answer is for: with such bytes, or with its end, the
    /// connection carries no request any more. No read may be under way.
    /// </summary>
    public abstract Unread Look();

    /// <summary>Bytes that were read, 0 at the end, or <see cref="Broken"/>. An empty buffer waits for bytes and takes none.</summary>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer);

    /// <summary>False where the connection broke. What came before that is still to be read.</summary>
    /// <param name="bytes">The first time a whole head, and perhaps what follows it.</param>
    public abstract ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Ends a chunked body.</summary>
    /// <param name="end">The last chunk, with trailers.</param>
    /// <inheritdoc cref="WriteAsync"/>
    public abstract ValueTask<bool> EndBodyAsync(ReadOnlyMemory<byte> end);

    /// <summary>Says that nothing more comes from our side.</summary>
    public abstract void EndSending();

    public abstract void Dispose();
}
