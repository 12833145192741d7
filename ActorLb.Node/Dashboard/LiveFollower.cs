using System.Threading.Channels;

namespace ActorLb.Node.Dashboard;

/// <summary>One who follows what is happening.</summary>
internal sealed class LiveFollower
{
    /// <summary>Messages that he may be behind, each of a second.</summary>
    public const int BehindMax = 5;

    private readonly Channel<byte[]> _messages = Channel.CreateBounded<byte[]>(BehindMax);
    private readonly TaskCompletionSource _dropped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the feed does, or he was too slow.</summary>
    public IAsyncEnumerable<byte[]> Messages(CancellationToken cancellation) => _messages.Reader.ReadAllAsync(cancellation);

    /// <summary>He reads too slowly: whatever is being written to him is cut off.</summary>
    public Task WhenDropped => _dropped.Task;

    /// <summary>False: he is too far behind.</summary>
    internal bool Give(byte[] message) => _messages.Writer.TryWrite(message);

    internal void End() => _messages.Writer.TryComplete();

    internal void Drop()
    {
        _messages.Writer.TryComplete();
        _dropped.TrySetResult();
    }
}
