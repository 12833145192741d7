using System.Threading.Channels;
using ActorLb.Shared.Backends;

namespace ActorLb.Engine.Traffic;

/// <summary>Backends whose circuit this node just opened, to the control plane: it rebuilds the rotation and has them probed.</summary>
public sealed class CircuitFeed
{
    private const int Length = 1024;

    private readonly Channel<BackendName> _opened = Channel.CreateBounded<BackendName>(
        new BoundedChannelOptions(Length) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });

    public ChannelReader<BackendName> Opened => _opened.Reader;

    public void Offer(BackendName backend) => _opened.Writer.TryWrite(backend);
}
